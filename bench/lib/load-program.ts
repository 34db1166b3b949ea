/** Loads `workflow.ts` here, with Ligase or with esbuild alone, and prints how many seconds that took. */
const way = process.argv[2];
const start = process.hrtime.bigint();
if (way === "esbuild") {
  const { build } = await import("esbuild");
  await build({
    entryPoints: ["workflow.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    external: ["ligase"],
    sourcemap: "external",
    outfile: "out.mjs",
  });
} else {
  // The build, as users have it: to strip the types of the sources takes longer than the work.
  const built = new URL("../../dist/code/index.js", import.meta.url).href;
  const { loadProgram } = (await import(built)) as typeof import("../../src/code/index.ts");
  await loadProgram("workflow.ts");
}
console.log(Number(process.hrtime.bigint() - start) / 1e9);

/** The structure example as its README has it: a server, a deployment, the launch script. */
import { execFile } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { type Project, project } from "./project.ts";
import { Served } from "./served.ts";

const example = fileURLToPath(new URL("../../examples/structure", import.meta.url));

/** What the launch script says, line by line. */
async function launch(p: Project, server: Served, ...words: readonly string[]): Promise<string[]> {
  const flags = ["--output", "out.pdb", "--endpoint", `${server.url}/v2/structure`];
  const env = { ...process.env, LIGASE_API_KEY: undefined, NODE_NO_WARNINGS: "1" };
  const run = promisify(execFile)(process.execPath, ["structure/launch.ts", ...words, ...flags], { cwd: p.root, env });
  const { stderr } = await run.catch((error: { stderr: string }) => error);
  return stderr.trimEnd().split("\n");
}

test("serve, deploy, launch: an alignment in, a PDB file out", async () => {
  const p = project({});
  cpSync(example, p.path("structure"), { recursive: true });
  const server = await Served.start(p);
  await server.deploy("structure/app.ts");

  const said = await launch(p, server, "--msa", "structure/data/fn3.sto");
  expect(said.slice(-2)).toEqual([
    "out.pdb: 86 residues, from 98 sequences (98 effective)",
    "warning: 4 of 86 columns are mostly gaps: little is known of them",
  ]);
  expect(said[0]).toMatch(/^( *\d+ % [a-z ]+|starting|waiting for a worker.*)$/);
  const pdb = readFileSync(p.path("out.pdb"), "utf8");
  expect(pdb.match(/^ATOM {2}.* CA /gm)).toHaveLength(86);
  expect(readFileSync(p.path("out.svg"), "utf8")).toMatch(/^<svg /);

  const [again, unaligned, unknown] = await Promise.all([
    launch(p, server, "--msa", "structure/data/fn3.sto"),
    launch(p, server, "--msa", "structure/data/globins45.fa"),
    launch(p, server, "--msa", "structure/data/fn3.sto", "--backend", "rosetta"),
  ]);
  // A warm worker gives the same bytes.
  expect(again.slice(-2)).toEqual(said.slice(-2));
  expect(readFileSync(p.path("out.pdb"), "utf8")).toBe(pdb);
  expect(unaligned.at(-1)).toMatch(/^error: failed: globins45\.fa:31:1: these 45 sequences are not aligned: .*`mafft/);
  expect(unknown.at(-1)).toBe(
    `error: ${server.url}/v2/structure answered 400: input.backend must be one of "dca", "alphafold"`,
  );
});

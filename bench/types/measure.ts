import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What the compiler says of one program. */
export interface Cost {
  /** How often a generic type was given arguments: the same on every machine. */
  readonly instantiations: number;
  readonly types: number;
  /** Milliseconds of checking, on this machine. */
  readonly checkMs: number;
  /** Bytes. */
  readonly memory: number;
}

const DIAGNOSTICS = { instantiations: "Instantiations", types: "Types", check: "Check time", memory: "Memory used" };

/**
 * Type-checks a module as users' modules are checked (strict, against the source of this package)
 * and reads the compiler's own figures.
 */
export function measure(module: string): Cost {
  const folder = mkdtempSync(join(tmpdir(), "ligase-types-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "workflow.ts"), module);
    const tsconfig = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: { noUnusedLocals: false, typeRoots: [join(root, "node_modules/@types")] },
      include: ["workflow.ts"],
      exclude: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    // One thread, so that the figures do not depend on how files are shared out among several.
    const args = ["-p", folder, "--extendedDiagnostics", "--singleThreaded"];
    const report = execFileSync(join(root, "node_modules/.bin/tsc"), args, { encoding: "utf8" });
    const figure = (name: string): number => {
      const line = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(report);
      if (!line) throw new Error(`tsc reported no ${JSON.stringify(name)}:\n${report}`);
      return Number(line[1]);
    };
    return {
      instantiations: figure(DIAGNOSTICS.instantiations),
      types: figure(DIAGNOSTICS.types),
      checkMs: figure(DIAGNOSTICS.check) * 1000,
      memory: figure(DIAGNOSTICS.memory) * 1024,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

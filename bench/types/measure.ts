import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tsc = join(root, "node_modules/.bin/tsc");

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

/** A package as its users have it: declarations, in a folder that is removed in the end. */
export class DeclaredPackage implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "ligase-types-"));

  constructor() {
    writeFileSync(join(this.#folder, "package.json"), '{ "type": "module" }');
    // Where the source has errors, that is for others to say: declarations are written all the same.
    spawnSync(tsc, [
      "-p",
      join(root, "tsconfig.build.json"),
      "--emitDeclarationOnly",
      "--outDir",
      join(this.#folder, "ligase"),
    ]);
  }

  /** Type-checks a module of a user's, strictly, and reads the compiler's own figures. */
  check(module: string): Cost {
    writeFileSync(join(this.#folder, "workflow.ts"), module);
    const tsconfig = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noUnusedLocals: false,
        typeRoots: [join(root, "node_modules/@types")],
        paths: { ligase: ["./ligase/index.d.ts"] },
      },
      include: ["workflow.ts"],
      exclude: [],
    };
    writeFileSync(join(this.#folder, "tsconfig.json"), JSON.stringify(tsconfig));
    // One thread, so that the figures do not depend on how files are shared out among several.
    const args = ["-p", this.#folder, "--extendedDiagnostics", "--singleThreaded"];
    const { stdout: report, status } = spawnSync(tsc, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`the workflow does not type-check:\n${report}`);
    const figure = (name: string): number => {
      const line = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(report);
      if (!line) throw new Error(`tsc reported no ${JSON.stringify(name)}:\n${report}`);
      return Number(line[1]);
    };
    return {
      instantiations: figure("Instantiations"),
      types: figure("Types"),
      checkMs: figure("Check time") * 1000,
      memory: figure("Memory used") * 1024,
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

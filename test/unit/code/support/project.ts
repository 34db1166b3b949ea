import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { analyse, type Analysis } from "../../../../src/code/analyse.ts";

/** The files of a project, by path. */
export type Files = Readonly<Record<string, string>>;

/** Writes files to a fresh folder that goes when the test is over. */
export function project(files: Files): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ligase-code-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  write(root, { "package.json": "{}", ...files });
  return root;
}

/** Writes files into a project. */
export function write(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Analyses the `workflow.ts` of a fresh project. */
export function analysed(files: Files, entry = "workflow.ts"): Analysis {
  const root = project(files);
  return analyse(join(root, entry), root);
}

/** The closure hash of each task of a project; lifts by what is around them. */
export function hashes(files: Files, entry?: string): Record<string, string> {
  return Object.fromEntries(
    analysed(files, entry).definitions.map((one) => [
      one.name.startsWith("lift:") ? one.doc : one.name,
      one.closureHash,
    ]),
  );
}

/** The tasks whose closure hash an edit changes; a task that is new or gone counts. */
export function changed(before: Files, after: Files): string[] {
  const a = hashes(before);
  const b = hashes({ ...before, ...after });
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
}

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type Block, blocksOf, fileOf, ROOT } from "./markdown.ts";
import { mismatch, stepsOf } from "./transcript.ts";

/** A step that did not go as its page says. */
export interface Deviation {
  readonly line: number;
  readonly command: string;
  readonly missing: string;
  readonly printed: string;
}

/** What came of a page. */
export interface Told {
  readonly commands: number;
  readonly deviations: readonly Deviation[];
  /** The text of each console block as it would be now, by its line. */
  readonly blocks: ReadonlyMap<number, string>;
}

/**
 * Does what a page tells its reader to do, in a fresh folder: writes its files, makes its edits, types its commands.
 *
 * - a `ts` block that begins with `// name.ts`, and any block with a name behind its language, is a file;
 * - a `diff` block with a name is an edit of that file: lines out, lines in;
 * - a `console` block is typed, and has to print what it shows.
 *
 * @param typed - the language of the blocks that are typed: those of pages that need more than Node are others
 */
export async function tell(page: string, typed = "console"): Promise<Told> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "ligase-docs-")));
  const folder = join(home, "project");
  mkdirSync(join(home, "bin"));
  mkdirSync(folder);
  symlinkSync(join(ROOT, "bin/ligase"), join(home, "bin/ligase"));
  installPackage(join(home, "node_modules/ligase"));
  const env = {
    PATH: [join(home, "bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter),
    HOME: home,
    LANG: "C.UTF-8",
    USER: "you",
  };
  const ids = new Map<string, string>();
  const deviations: Deviation[] = [];
  const blocks = new Map<number, string>();
  let cwd = folder;
  let commands = 0;
  try {
    for (const block of blocksOf(page)) {
      const file = fileOf(block);
      if (block.language === "diff" && file !== undefined) edit(join(cwd, file), block);
      else if (file !== undefined) write(join(cwd, file), block.text);
      if (block.language !== typed) continue;
      let text = "";
      for (const { command, shown } of stepsOf(block.text)) {
        commands++;
        const line = [...ids].reduce((text, [name, id]) => text.replaceAll(name, id), command);
        const { lines, status, place } = await type(line, cwd, env);
        cwd = place;
        const fails = shown.some((line) => /^error |^✗ .* failed: /.test(line));
        const missing =
          mismatch(shown, lines, ids) ?? ((status === 0) === fails ? `(exit status ${status})` : undefined);
        if (missing !== undefined) deviations.push({ line: block.line, command, missing, printed: lines.join("\n") });
        text += [`$ ${command}`, ...(missing === undefined ? shown : lines)].map((line) => `${line}\n`).join("");
      }
      blocks.set(block.line, text);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return { commands, deviations, blocks };
}

/** What `npm install` would leave, with the source in place of the build. */
function installPackage(folder: string): void {
  const exports = { ".": "./src/index.ts", "./*": "./src/*.ts" };
  write(join(folder, "package.json"), JSON.stringify({ name: "ligase", version: "0.0.0", type: "module", exports }));
  symlinkSync(join(ROOT, "src"), join(folder, "src"));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Replaces the lines that go out (with those around them) by those that come in. */
function edit(path: string, { page, line, text }: Block): void {
  const lines = text.split("\n").slice(0, -1);
  const side = (other: string): string =>
    lines
      .filter((each) => !each.startsWith(other))
      .map((each) => `${each.slice(1)}\n`)
      .join("");
  const before = readFileSync(path, "utf8");
  const [from, to] = [side("+"), side("-")];
  if (before.split(from).length !== 2)
    throw new Error(`${page}:${line}: these lines are not once in the file:\n${from}`);
  writeFileSync(
    path,
    before.replace(from, () => to),
  );
}

/** Runs a line of a shell, as a person would see it; tells where it leaves them. */
async function type(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ lines: string[]; status: number; place: string }> {
  const note = join(env["HOME"]!, ".place");
  const script = `trap 'pwd > "${note}"' EXIT\nexec 2>&1\n${command}\n`;
  const { status, stdout } = await new Promise<{ status: number; stdout: string }>((resolve) => {
    execFile("bash", ["-c", script], { cwd, env }, (error, stdout) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, stdout });
    });
  });
  const lines = stdout.replaceAll(env["HOME"]!, "/home/you").trimEnd().split("\n");
  return {
    lines: lines.length === 1 && lines[0] === "" ? [] : lines,
    status,
    place: readFileSync(note, "utf8").trimEnd(),
  };
}

import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as ligase from "../../src/index.ts";
import { ROOT } from "./markdown.ts";

/** A piece of TypeScript that people are shown. */
export interface Snippet {
  /** `docs/language.md:31` */
  readonly place: string;
  readonly text: string;
  /** The file it is, with its folder; nothing for a piece of one. */
  readonly file?: string;
}

/** The exported types, which do not exist at run time. */
const TYPES =
  "Config Expr Group GroupOptions Handle Interpolation Lazy OutputValue Resolved RetryOptions RunStatus Task TaskOptions";

/** The names that `ambient.ts` exports. */
const AMBIENT = readFileSync(join(ROOT, "test/docs/ambient.ts"), "utf8")
  .split("\n")
  .flatMap((line) => /^export (?:declare )?(?:const|function|interface) (\w+)/.exec(line)?.[1] ?? []);

/**
 * What a piece of a file may use without saying so: everything of Ligase, and the names of `ambient.ts`; but not what it
 * declares itself.
 */
function header(text: string): string {
  const missing = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text) && !isDeclared(name, text);
  const values = Object.keys(ligase).filter(missing);
  const types = TYPES.split(" ").filter(missing);
  const others = AMBIENT.filter((name) => missing(name) && !values.includes(name));
  const names = [...values, ...types.map((name) => `type ${name}`)].join(", ");
  return `import { ${names} } from "ligase"; import { ${others.join(", ")} } from "./ambient.ts"; `;
}

function isDeclared(name: string, text: string): boolean {
  return [
    `\\b(const|let|function|class|type|interface) ${name}\\b`,
    `\\b(const|let) [{[][^=]*\\b${name}\\b[^=]*[}\\]] =`,
    `\\bimport [^;]*\\b${name}\\b[^;]* from`,
  ].some((pattern) => new RegExp(pattern).test(text));
}

/**
 * Checks the types of many snippets in one run of the compiler.
 *
 * @returns its messages, each at the place where people would look for it
 */
export async function compile(snippets: readonly Snippet[]): Promise<string[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "ligase-docs-types-")));
  try {
    const places = new Map<string, string>();
    snippets.forEach(({ place, text, file }, i) => {
      const path = file ?? `piece-${i}.ts`;
      places.set(path, place);
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      // On the first line of the piece, so that lines stay where they are.
      writeFileSync(join(folder, path), file === undefined ? `${header(text)}${text}\nexport {};\n` : text);
    });
    copyFileSync(join(ROOT, "test/docs/ambient.ts"), join(folder, "ambient.ts"));
    writeFileSync(join(folder, "workflow.ts"), 'export * from "./ambient.ts";\n');
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const source = join(ROOT, "src");
    const options = {
      compilerOptions: {
        target: "es2024",
        module: "nodenext",
        lib: ["es2025", "esnext.disposable"],
        types: ["node"],
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        paths: { ligase: [`${source}/index.ts`], "ligase/*": [`${source}/*.ts`] },
      },
      include: ["**/*.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const output = await tsc(folder);
    return output
      .split("\n")
      .filter((line) => /\berror TS\d+/.test(line))
      .map((line) =>
        line.replace(/^(.+?)\((\d+),\d+\)/, (whole, path: string, at: string) =>
          shownAt(whole, places.get(path), Number(at)),
        ),
      );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The place of a line of a snippet. */
function shownAt(whole: string, place: string | undefined, line: number): string {
  if (place === undefined) return whole;
  const colon = place.lastIndexOf(":");
  return `${place.slice(0, colon)}:${Number(place.slice(colon + 1)) + line - 1}`;
}

function tsc(folder: string): Promise<string> {
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: folder }, (_, stdout) =>
      resolve(stdout),
    );
  });
}

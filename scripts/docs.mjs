// Writes docs/cli.md from the commands and the configuration themselves: `npm run docs`. With `--check` it only says
// whether that is needed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { give, root, say } from "./lib.mjs";

const page = join(root, "docs", "cli.md");

/** The help of a command, as people see it, at a fixed width. */
function help(path) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "bin", "ligase"), ...path, "--help"], {
    encoding: "utf8",
    env: { ...process.env, COLUMNS: "100", NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  if (status !== 0) give(`ligase ${path.join(" ")} --help failed: ${stderr}`);
  return stdout.trimEnd();
}

/** The commands that the overview lists, each on a line with what it does. */
function commandsIn(text) {
  return [...text.matchAll(/^ {2}([a-z][\w-]*) {2,}\S/gm)].map(([, name]) => name);
}

function section(path, level) {
  const text = help(path);
  const heading = `${"#".repeat(level)} \`ligase${path.map((word) => ` ${word}`).join("")}\``;
  // A command has no commands of its own yet.
  const below = path.length > 0 ? [] : commandsIn(text).flatMap((name) => section([name], level + 1));
  return [`${heading}\n\n\`\`\`text\n${text}\n\`\`\``, ...below];
}

/** The settings with their docs, read from the type that people write against, and the variables that stand for them. */
function settings() {
  const config = readFileSync(join(root, "src", "config", "config.ts"), "utf8");
  const [, body = ""] = /export interface Config \{\n(.*?)\n\}/s.exec(config) ?? [];
  const variables = new Map(
    [...readFileSync(join(root, "src", "config", "settings.ts"), "utf8").matchAll(/^ {2}(LIGASE_\w+): "(\w+)"/gm)].map(
      ([, variable, setting]) => [setting, variable],
    ),
  );
  const found = [...body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)\?: ([^\n]+);/gs)].map(([, doc, name, type]) => ({
    name,
    doc: doc.replaceAll(/\s*\n\s*\* ?/g, " ").trim(),
    type: type.replaceAll("|", "\\|").replace("Readonly<Record<string, number>>", "{ [name]: number }"),
    variable: variables.get(name),
  }));
  if (found.length === 0 || variables.size === 0) give("src/config is not in the form that this script reads");
  return found;
}

function configuration() {
  const rows = settings().map(
    ({ name, type, variable, doc }) =>
      `| \`${name}\` | \`${type}\` | ${variable === undefined ? "" : `\`${variable}\``} | ${doc.replaceAll("|", "\\|")} |`,
  );
  return [
    "## Configuration",
    "`ligase.config.ts` in the project's folder says what holds for every run in it. An environment variable wins over " +
      "it, and a flag over both.",
    '```ts\nimport { defineConfig } from "ligase";\n\n' +
      'export default defineConfig({ memory: "32 GiB", limits: { ncbi: 3 } });\n```',
    ["| setting | type | variable | meaning |", "|---|---|---|---|", ...rows].join("\n"),
    "The project's folder is the nearest one above the workflow file (for `ligase log` and the like: above the current " +
      "folder) that has a `ligase.config.ts`, a `.ligase`, a `package.json` or a `.git`.",
    "## Environment",
    [
      "| variable | meaning |",
      "|---|---|",
      "| `LIGASE_…` | the settings above |",
      "| `NO_COLOR`, `FORCE_COLOR` | print without colours; print with colours, into pipes too |",
      "| `CI`, `TERM=dumb` | print plain lines in place of a live table |",
      "| `COLUMNS` | how wide the screen is, where there is none to ask |",
      "| `LIGASE_NODE` | the Node 24 that `ligase` runs on where the host's is older |",
      "| `XDG_CACHE_HOME` | where compiled code of Ligase itself is kept (`~/.cache`) |",
    ].join("\n"),
    "## Exit status",
    [
      "| status | meaning |",
      "|---|---|",
      "| 0 | done |",
      "| 1 | the run failed, or the command could not do what it was asked |",
      "| 2 | the command line cannot be read: an unknown command, flag, task, file or id |",
      "| 130 | the run was stopped (Ctrl+C, a signal, `ligase cancel`) |",
    ].join("\n"),
  ];
}

const text = [
  "# Command line\n\nWritten by `npm run docs` from the commands and the configuration themselves; " +
    "`ligase <command> --help` says the same.",
  ...section([], 2),
  ...configuration(),
].join("\n\n");

const current = existsSync(page) ? readFileSync(page, "utf8") : "";
if (`${text}\n` === current) say("docs/cli.md is up to date");
else if (process.argv.includes("--check")) give("docs/cli.md is not what the commands say: npm run docs");
else {
  writeFileSync(page, `${text}\n`);
  say("wrote docs/cli.md");
}

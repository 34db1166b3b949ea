// Writes docs/cli.md and the schema of the configuration from the commands and the settings themselves: `npm run docs`.
// With `--check` it only says whether that is needed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configSchema, SETTINGS } from "../src/config/index.ts";
import { give, root, say } from "./lib.mjs";

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

/** Every setting on a line, from the table that reads them. */
function settings() {
  const bar = (text) => text.replaceAll("|", "\\|");
  return Object.entries(SETTINGS).map(([name, { doc, variable, preset, otherwise }]) => {
    const standard = otherwise ?? `\`${JSON.stringify(preset)}\``;
    return `| \`${name}\` | ${variable === undefined ? "" : `\`${variable}\``} | ${bar(standard)} | ${bar(doc)} |`;
  });
}

function configuration() {
  return [
    "## Configuration",
    "`ligase.config.ts` (or `ligase.config.json`) in the project's folder says what holds for every run in it. A " +
      "profile of it wins over it, over that an environment variable, over that a flag.",
    '```ts\nimport { defineConfig } from "ligase";\n\n' +
      'export default defineConfig({ memory: "32 GiB", limits: { ncbi: 3 } });\n```',
    ["| setting | variable | default | meaning |", "|---|---|---|---|", ...settings()].join("\n"),
    "The project's folder is the nearest one above the workflow file (for `ligase log` and the like: above the current " +
      "folder) that has a `ligase.config.ts` or `.json`, a `.ligase`, a `package.json` or a `.git`.",
    "## Environment",
    [
      "| variable | meaning |",
      "|---|---|",
      "| `LIGASE_…` | the settings above |",
      "| `LIGASE_PROFILE` | the profile of the configuration, where `--profile` names none |",
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

function write(name, content) {
  const path = join(root, name);
  if (content === (existsSync(path) ? readFileSync(path, "utf8") : "")) return say(`${name} is up to date`);
  if (process.argv.includes("--check")) give(`${name} is not what the commands say: npm run docs`);
  writeFileSync(path, content);
  say(`wrote ${name}`);
}

write("config.schema.json", `${JSON.stringify(configSchema(), null, 2)}\n`);

const text = [
  "# Command line\n\nWritten by `npm run docs` from the commands and the configuration themselves; " +
    "`ligase <command> --help` says the same.",
  ...section([], 2),
  ...configuration(),
].join("\n\n");

write("docs/cli.md", `${text}\n`);

// Writes docs/cli.md from the commands themselves: `npm run docs`. With `--check` it only says whether that is needed.
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

/** The commands that a help text lists. */
function commandsIn(text) {
  const [, list = ""] = text.split(/^Commands:?\n/m);
  return [...list.split(/\n\n|\n(?=\S)/)[0].matchAll(/^ {2}([a-z][\w-]*)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "help");
}

function section(path, level) {
  const text = help(path);
  const heading = `${"#".repeat(level)} \`ligase${path.map((word) => ` ${word}`).join("")}\``;
  const below = commandsIn(text).flatMap((name) => section([...path, name], Math.min(level + 1, 4)));
  return [`${heading}\n\n\`\`\`text\n${text}\n\`\`\``, ...below];
}

const text = [
  "# Command line\n\nWritten by `npm run docs` from the commands themselves; `ligase <command> --help` says the same.",
  ...section([], 2),
].join("\n\n");

const current = existsSync(page) ? readFileSync(page, "utf8") : "";
if (`${text}\n` === current) say("docs/cli.md is up to date");
else if (process.argv.includes("--check")) give("docs/cli.md is not what the commands say: npm run docs");
else {
  writeFileSync(page, `${text}\n`);
  say("wrote docs/cli.md");
}

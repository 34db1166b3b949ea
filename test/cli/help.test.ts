import { describe, expect, it } from "vitest";
import { findCommand, listCommands } from "../../src/cli/commands/index.ts";
import { splitFlags } from "../../src/cli/flags/index.ts";
import { ownFlags, readCommandLine } from "../../src/cli/options.ts";
import { stripVTControlCharacters } from "node:util";
import { project } from "./project.ts";

const p = project();

/** The words of an example, up to where a shell would do something else with them. */
function wordsOf(example: string): string[] {
  const [line = ""] = example
    .replace(/^eval "\$\((.*)\)"$/, "$1")
    .replace(/^.*\| (?=ligase )/, "")
    .split(/ (?:\||>|&&|#) ?/);
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare!);
}

describe("help", () => {
  it("lists every command once, each with what it does", async () => {
    const overview = await p.ok("--help");
    expect(listCommands().length).toBeGreaterThan(8);
    for (const { name, summary } of listCommands()) {
      expect(overview.match(new RegExp(`^  ${name} +`, "gm"))).toHaveLength(1);
      expect(overview).toContain(summary);
    }
    expect(await p.ok("help")).toBe(overview);
  });

  it.each(listCommands().map(({ name }) => name))("%s explains itself, and its examples are right", async (name) => {
    const { help } = await findCommand(name);
    expect(help.usage.split(" ")[0]).toBe(name);
    expect(help.about.join("")).not.toBe("");
    expect(help.examples.length).toBeGreaterThan(0);
    for (const [option, { doc, type, value }] of Object.entries(help.options)) {
      expect({ option, doc: doc !== "", value: type === "boolean" || value !== undefined }).toEqual({
        option,
        doc: true,
        value: true,
      });
    }
    for (const example of help.examples) {
      const [program, command, ...argv] = wordsOf(example);
      expect([program, command]).toEqual(["ligase", name]);
      // The flags of a task are its own.
      const { own } = splitFlags(argv, ownFlags(help.options));
      const words = name === "run" ? own : argv;
      expect(() => readCommandLine(name, help.options, words, Infinity)).not.toThrow();
    }
  });

  it.each(listCommands().map(({ name }) => name))("%s --help fits 40 columns", async (name) => {
    const { stdout } = await p.start([name, "--help"], { env: { COLUMNS: "40" } }).ended;
    expect(await p.ok("help", name)).toContain(`ligase ${name}`);
    const [prose = ""] = stdout.split("\nExamples\n");
    // A flag or a usage line is not broken.
    const long = prose
      .split("\n")
      .filter((line) => stripVTControlCharacters(line).length > 40 && !/^ligase |^ {2,}-/.test(line));
    expect(long).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configSchema, SETTINGS } from "../../../src/config/index.ts";
import { CONFIG } from "../../../src/config/table.ts";
import { fits } from "./json-schema.ts";

const schema = configSchema();

function isRead(config: unknown): boolean {
  try {
    CONFIG.read(config, "");
    return true;
  } catch {
    return false;
  }
}

const amounts = fc.oneof(
  fc.integer({ min: -2, max: 2 ** 40 }),
  fc.double({ noNaN: true, min: -1, max: 10 }),
  fc
    .tuple(fc.nat(2000), fc.constantFrom("", "B", " KiB", " GB", "M", " GiB", " tib", " GIB", "x"))
    .map(([n, unit]) => `${n}${unit}`),
);
/** Values that may fit somewhere, and some that fit nowhere. */
const values: fc.Arbitrary<unknown> = fc.oneof(
  amounts,
  fc.boolean(),
  fc.string(),
  fc.constantFrom("symlink", "copy", "host", "https://example.org/x", "ftp://example.org", null),
  fc.array(fc.constantFrom("https://example.org/x", "http://localhost:1", "no"), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom("engine", "ncbi", "process"), fc.oneof(amounts, fc.constant("host")), { maxKeys: 2 }),
  fc.dictionary(
    fc.constantFrom("process", "aws"),
    fc.dictionary(fc.constantFrom("cpuHour", "gpuHour", "memoryGiBHour", "cpus", "hour"), amounts, { maxKeys: 3 }),
    { maxKeys: 2 },
  ),
);
const configs = fc.dictionary(fc.constantFrom(...Object.keys(SETTINGS), "cpu"), values, { maxKeys: 3 });

describe("the schema of the configuration", () => {
  it("accepts what is read, and only that", () => {
    let read = 0;
    fc.assert(
      fc.property(configs, (config) => {
        const accepted = fits(schema, config);
        if (accepted) read++;
        // In the environment all is text: what is read as such may be stricter in an editor.
        if (accepted || !hasTextForNumber(config)) expect([config, isRead(config)]).toEqual([config, accepted]);
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  it("knows every setting, alone and in a profile, with what it says", () => {
    const names = Object.keys(SETTINGS);
    expect(Object.keys(schema.properties)).toEqual(["$schema", ...names]);
    for (const name of names)
      expect(schema.properties[name]).toMatchObject({ description: expect.stringMatching(/\.$/) });
    const { properties } = (schema.properties["profiles"] as { additionalProperties: typeof schema })
      .additionalProperties;
    expect(Object.keys(properties)).toEqual(names.filter((name) => name !== "profiles"));
  });

  it("has defaults that it accepts", () => {
    const defaults = Object.entries(schema.properties).filter(([, setting]) => "default" in setting);
    expect(defaults.filter(([, setting]) => !fits(setting, setting["default"]))).toEqual([]);
    expect(defaults.length).toBeGreaterThan(5);
  });
});

describe("the settings of the server", () => {
  it.each<readonly [object, boolean]>([
    [{ cors: [] }, true],
    [{ cors: ["*"] }, true],
    [{ cors: ["https://lab.example.org", "http://localhost:3000", "http://[::1]:80"] }, false],
    [{ cors: ["https://lab.example.org", "http://localhost:3000"] }, true],
    [{ cors: "https://lab.example.org" }, false],
    [{ cors: ["https://lab.example.org/"] }, false],
    [{ cors: ["https://lab.example.org/app"] }, false],
    [{ cors: ["lab.example.org"] }, false],
    [{ cors: [1] }, false],
    [{ rateLimit: 0 }, true],
    [{ rateLimit: 100 }, true],
    [{ rateLimit: -1 }, false],
    [{ webhooks: "any" }, true],
    [{ webhooks: "private" }, false],
    [{ largestOutput: "5 MB" }, true],
    [{ largestOutput: "much" }, false],
  ])("%j: %s", (server, good) => {
    expect(isRead({ server })).toBe(good);
    // A schema cannot know that port 80 goes without saying.
    if (!JSON.stringify(server).includes(":80")) expect(fits(schema, { server })).toBe(good);
  });
});

/** Text where a number, or yes and no, is meant. */
function hasTextForNumber(value: unknown): boolean {
  if (typeof value === "string") return /^\s*[\d.eE+-]+\s*$/.test(value) || /^(true|false)$/.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasTextForNumber);
}

describe("the documentation of the settings", () => {
  it("says in the type what the table says", () => {
    const source = readFileSync(new URL("../../../src/config/config.ts", import.meta.url), "utf8");
    const body = source.slice(source.indexOf("export interface Config {"));
    const comments = [...body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)\?:/gs)].map(([, doc, name]) => [
      name,
      doc!.replaceAll(/\s*\n\s*\* ?/g, " ").trim(),
    ]);
    expect(comments).toEqual(Object.entries(SETTINGS).map(([name, { doc }]) => [name, doc]));
  });

  it("has a line for each on its page", () => {
    const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
    for (const name of Object.keys(SETTINGS)) expect(rows).toContain(name);
    for (const { variable } of Object.values<{ variable?: string }>(SETTINGS)) {
      if (variable !== undefined) expect(page).toContain(`\`${variable}\``);
    }
  });
});

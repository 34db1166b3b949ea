import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashes } from "./support/project.ts";

/** Function declarations that call one another at will, some through a constant or a class. */
const program = fc
  .array(
    fc.record({
      calls: fc.array(fc.nat(9), { maxLength: 3 }),
      kind: fc.constantFrom("function", "arrow", "class"),
      value: fc.nat(99),
    }),
    {
      minLength: 1,
      maxLength: 10,
    },
  )
  .map((units) =>
    units.map(({ calls, kind, value }, i) => {
      const body = [
        ...calls.filter((to) => to < units.length).map((to) => `use(${name(units[to]!.kind, to)})`),
        String(value),
      ].join(" + ");
      if (kind === "class") return `class ${name(kind, i)} { static go() { return ${body}; } }`;
      if (kind === "arrow") return `const ${name(kind, i)} = () => ${body};`;
      return `function ${name(kind, i)}() { return ${body}; }`;
    }),
  );

function name(kind: string, i: number): string {
  return kind === "class" ? `C${i}` : `f${i}`;
}

function source(declarations: readonly string[]): string {
  const first = /(?:function|const|class) (\w+)/.exec(declarations.toSorted()[0]!)![1]!;
  return [
    `import { task } from "ligase";`,
    'const use = (value: unknown) => Number(typeof value === "function");',
    ...declarations,
    `export const main = task(() => use(${first}));`,
  ].join("\n");
}

/** Puts comments and line breaks between words, where they mean nothing. */
function commented(text: string, seed: number): string {
  let n = seed;
  return text
    .split("\n")
    .map((line) =>
      line.replace(/([;{}(,=+]) /g, (all, sign: string) =>
        ++n % 3 === 0 ? `${sign} /* ${n} { */ ` : n % 3 === 1 ? `${sign}\n` : all,
      ),
    )
    .join("\n\n// };\n");
}

describe("closure hash", () => {
  it("does not change when declarations are reordered", () => {
    fc.assert(
      fc.property(
        program.chain((one) => fc.tuple(fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length }))),
        ([a, b]) => {
          expect(hashes({ "workflow.ts": source(b) })).toEqual(hashes({ "workflow.ts": source(a) }));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("does not change when comments and line breaks are added", () => {
    fc.assert(
      fc.property(program, fc.nat(5), (declarations, seed) => {
        const text = source(declarations);
        expect(hashes({ "workflow.ts": commented(text, seed) })).toEqual(hashes({ "workflow.ts": text }));
      }),
      { numRuns: 60 },
    );
  });

  it("changes when a declaration that is reached changes", () => {
    fc.assert(
      fc.property(program, (declarations) => {
        const first = declarations.toSorted()[0]!;
        const edited = declarations.map((one) =>
          one === first ? one.replace(/(\d+)(;? ?\}* ?\}*;?)$/, "1$1$2") : one,
        );
        expect(hashes({ "workflow.ts": source(edited) })).not.toEqual(hashes({ "workflow.ts": source(declarations) }));
      }),
      { numRuns: 40 },
    );
  });
});

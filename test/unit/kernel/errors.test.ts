import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { errorFacts, LigaseError, reviveError } from "../../../src/kernel/index.ts";

/** What becomes of an error that is stored or crosses between processes. */
function across(thrown: unknown): Error {
  return reviveError(JSON.parse(JSON.stringify(errorFacts(thrown))) as ReturnType<typeof errorFacts>);
}

describe("reviveError(errorFacts(…))", () => {
  it.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])("keeps %o", (type) => {
    const back = across(new type("no reads"));
    expect(back).toBeInstanceOf(type);
    expect(back.constructor).toBe(type);
    expect(back).toMatchObject({ name: type.name, message: "no reads" });
  });

  it("keeps a LigaseError with its code, mend, facts and cause", () => {
    const back = across(
      new LigaseError("LIGASE_E_NO_FILE", "reads.fq does not exist", {
        mend: "check the path",
        facts: { path: "reads.fq", tried: 2 },
        cause: new RangeError("why"),
      }),
    );
    expect(back).toBeInstanceOf(LigaseError);
    expect(back).toMatchObject({
      code: "LIGASE_E_NO_FILE",
      mend: "check the path",
      facts: { path: "reads.fq", tried: 2 },
      cause: { name: "RangeError", message: "why" },
    });
  });

  it("keeps the name, fields, code and stack of a class it does not know", () => {
    class AlignmentError extends Error {
      readonly sample = "s1";
      readonly code = "EALIGN";
    }
    const thrown = new AlignmentError("no seeds");
    const back = across(thrown);
    expect(back).toMatchObject({ name: "AlignmentError", message: "no seeds", sample: "s1", code: "EALIGN" });
    expect(back.stack).toBe(thrown.stack);
  });

  it("takes a class named like something every object has for a class", () => {
    const thrown = Object.assign(new Error("odd"), {});
    Object.defineProperty(thrown, "name", { value: "constructor" });
    expect(across(thrown)).toMatchObject({ name: "constructor", message: "odd" });
    expect(across(thrown)).toBeInstanceOf(Error);
  });

  it("names a class without a name", () => {
    expect(errorFacts(new (class extends Error {})("x")).name).toBe("Error");
  });

  it("leaves out fields that cannot leave the process", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const thrown = Object.assign(new Error("x"), { circle, call: () => 1, n: 1n, kept: [1], none: undefined });
    expect(errorFacts(thrown).facts).toEqual({ kept: [1] });
  });

  it("follows causes, not for ever", () => {
    const first: Error = new Error("1");
    first.cause = first;
    let depth = 0;
    for (let facts = errorFacts(first).cause; facts; facts = facts.cause) depth++;
    expect(depth).toBe(8);
  });

  it.each([
    ["text", "text"],
    [7n, "7"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [{ code: 3 }, '{"code":3}'],
    [null, "null"],
  ])("has a message for %o, thrown though it is no error", (thrown, message) => {
    expect(errorFacts(thrown)).toEqual({ name: "NonErrorThrown", message });
  });

  it("survives whatever is thrown", () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(across(thrown)).toBeInstanceOf(Error);
      }),
    );
  });
});

import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkScriptOptions,
  isRaw,
  isShell,
  makeScript,
  raw,
  type ScriptOptions,
  type ScriptSpec,
  ShellLexer,
  type ShellPlace,
  task,
} from "../../../src/expr/index.ts";
import { errorOf, node } from "./helpers.ts";

/** The tag, without the types of files. */
const tag =
  (options: ScriptOptions = {}) =>
  (parts: TemplateStringsArray, ...values: readonly unknown[]): ScriptSpec =>
    node(makeScript(options, parts.raw, values), "call").args[0] as ScriptSpec;
const script = tag();
const x = "a b";
const f = task({ name: "f" }, (n: number) => n);

describe("the text", () => {
  test("keeps backslashes as a shell means them", () => {
    expect(
      script`awk '{print "\t" $1}' | sed 's/\(a\)/\1/' \
  | tr '\n' x`.parts,
    ).toEqual([`awk '{print "\\t" $1}' | sed 's/\\(a\\)/\\1/' \\\n  | tr '\\n' x\n`]);
    expect(script`echo \${HOME} $\{HOME} \`date\` $HOME`.parts).toEqual(["echo ${HOME} ${HOME} `date` $HOME\n"]);
  });

  test("loses the indentation that all lines share", () => {
    expect(
      script`
        for i in 1 2; do
          echo ${x}

        done
      `.parts,
    ).toEqual(["for i in 1 2; do\n  echo ", "\n\ndone\n"]);
    expect(
      script`
        ${x} first
          then
      `.parts,
    ).toEqual(["", " first\n  then\n"]);
    expect(script`one`.parts).toEqual(["one\n"]);
    expect(
      script`
	tabs
	  and spaces`.parts,
    ).toEqual(["tabs\n  and spaces\n"]);
  });
});

describe("the call", () => {
  test("holds the spec, with lazy parts", () => {
    const call = node(
      makeScript({ outputs: "x", env: { A: f(1) as never }, inputs: [f(2)] }, ["a ", ""], [f(3)]),
      "call",
    );
    expect(call.task).toMatchObject({ name: "script" });
    const spec = call.args[0] as ScriptSpec;
    expect(Object.keys(spec).sort()).toEqual(["env", "inputs", "interpreter", "outputs", "parts", "values"]);
    expect(spec.interpreter).toBe("bash");
    expect(Object.keys(script`x`).sort()).toEqual(["interpreter", "parts", "values"]);
  });
});

describe("a value", () => {
  test("may be text, a number, a file, raw text, lazy, or a list of these", () => {
    const values = ["a", 1, 2n, true, new URL("file:///x"), raw("-F 4"), f(1), ["a", [new URL("file:///x")], f(2)], []];
    expect(
      makeScript(
        {},
        Array.from({ length: 10 }, () => " "),
        values,
      ),
    ).toBeDefined();
    expect([isRaw(raw("x")), isRaw("x"), isRaw({ "!": 1, a: 2 }), isRaw(null)]).toEqual([true, false, false, false]);
  });

  test.each([
    [undefined, "is undefined"],
    [null, "is null"],
    [Number.NaN, "is NaN"],
    [Symbol("x"), "is Symbol(x)"],
    [{ a: 1 }, "is an object"],
    [["a", undefined], "is undefined"],
    [() => 1, "is a function"],
    [f, "is the task f, not a call of it"],
    [Promise.resolve(1), "is a promise"],
    ["a\0b", "holds a NUL character"],
  ])("cannot be %o", (value, problem) => {
    const error = errorOf(() => script`samtools sort ${value} -o x`);
    expect(error.code).toBe("LIGASE_E_SCRIPT");
    expect(error.message).toMatch(/^value 1 of the script, \$\{.*\} after "samtools sort", /s);
    expect(error.message).toContain(problem);
  });
});

describe("quotes around a value", () => {
  test.each<[() => ScriptSpec, string]>([
    [() => script`echo "${x}"`, 'value 1 of the script, ${"a b"} after "echo \\"", stands inside double quotes'],
    [() => script`a ${1} b '${f(1)}'`, 'value 2 of the script, ${f(…)} after "b \'", stands inside single quotes'],
    [() => script`echo $'${x}'`, "stands inside single quotes"],
    [() => script`echo "\${y:-${x}}"`, "stands inside double quotes"],
    [() => script`echo "$(echo "${x}")"`, "stands inside double quotes"],
  ])("%s are refused", (build, message) => {
    const error = errorOf(build);
    expect(error.code).toBe("LIGASE_E_SCRIPT");
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/, and is quoted already$/);
    expect(error.mend).toBe("remove the quotes around ${…}");
  });

  test("in a here-document, and after a backslash", () => {
    expect(
      errorOf(
        () => script`
      cat <<END
      name: ${x}
      END
    `,
      ).message,
    ).toContain("stands in a here-document, where quoting would be part of the text");
    expect(errorOf(() => makeScript({}, ["echo \\", ""], [x])).message).toContain("stands right after a backslash");
  });

  test("are fine around raw text, and in other languages", () => {
    expect(script`echo "${raw("$HOME")}"`.values).toHaveLength(1);
    expect(tag({ interpreter: "python3" })`print("${x}")`.values).toEqual([x]);
    expect(() => tag({ interpreter: "/bin/sh -e" })`echo "${x}"`).toThrow("double quotes");
    expect(["bash", "/usr/bin/zsh -f", "dash"].map(isShell)).toEqual([true, true, true]);
    expect(["python3", "Rscript --vanilla", "/opt/bash/bin/fish"].map(isShell)).toEqual([false, false, false]);
  });

  test("in a comment, the value is left out", () => {
    const { parts, values } = script`
      samtools sort ${x} # was ${f(1)} and ${f(2)}
      # rm ${f(3)}
      echo ${1}#no-comment ${2}
    `;
    expect(values).toEqual([x, 1, 2]);
    expect(parts).toEqual(["samtools sort ", " # was … and …\n# rm …\necho ", "#no-comment ", "\n"]);
  });
});

describe("options", () => {
  test("that are unknown or of another type are refused", () => {
    expect(errorOf(() => checkScriptOptions({ outpts: 1 }))).toMatchObject({
      code: "LIGASE_E_OPTION",
      message: 'script() has no option "outpts"',
      mend: "did you mean outputs?",
    });
    expect(errorOf(() => checkScriptOptions({ memory: "1 GiB" })).mend).toContain(
      "others belong to the task around the script",
    );
    for (const wrong of [{ outputs: 1 }, { interpreter: "" }, { env: ["a"] }, { inputs: "x" }]) {
      expect(errorOf(() => checkScriptOptions(wrong)).message).toMatch(/^the option \w+ of script\(\) is /);
    }
    checkScriptOptions({ outputs: { a: "x" }, interpreter: "sh", env: {}, inputs: [], extra: undefined });
  });
});

/** Where the marked place `@` of a script is. */
function placeOf(text: string): ShellPlace {
  const lexer = new ShellLexer();
  lexer.feed(text.slice(0, text.indexOf("@")));
  return lexer.place;
}

describe("ShellLexer", () => {
  test.each<[string, ShellPlace]>([
    ["echo @", "code"],
    ["echo 'a'@'b'", "code"],
    ['echo "a"@"b"', "code"],
    [`echo "it's" @`, "code"],
    ["echo 'say \"' @", "code"],
    [String.raw`echo "a\"b @"`, "double quotes"],
    [String.raw`echo 'a\' @`, "code"],
    [String.raw`echo $'a\' @'`, "single quotes"],
    [String.raw`echo \' @`, "code"],
    [String.raw`echo \" @`, "code"],
    ["echo \\@", "after a backslash"],
    ["echo $(ls @)", "code"],
    ['echo "$(ls @)"', "code"],
    ['echo "$(ls "x") @"', "double quotes"],
    ['echo "`ls @`"', "code"],
    ['echo "`ls` @"', "double quotes"],
    ["echo ${x:-@}", "code"],
    ["echo ${x#@}", "code"],
    ["echo ${#x} @", "code"],
    ["echo $# @", "code"],
    ["echo $$ @", "code"],
    ['echo "${x:-@}"', "double quotes"],
    ['echo "${x}" @', "code"],
    ["echo $(( 1 << 2 )) @", "code"],
    ["(( x << 2 ))\necho @", "code"],
    ["echo $(( (1 + 2) * @ ))", "code"],
    ["# @", "a comment"],
    ["a;# @", "a comment"],
    ["a # it's\n@", "code"],
    ["a#b @", "code"],
    ["cat <<E\n@\nE\n", "a here-document"],
    ["cat <<E\nx'\nE\n@", "code"],
    ["cat <<'E F' >x\n$( \" \nE F\n@", "code"],
    ['cat <<"E"\nE \n@', "a here-document"],
    ["cat <<-E\n\tx\n\tE\n@", "code"],
    ["cat <<E\n\tE\n@", "a here-document"],
    ["cat <<A <<B\nx\nA\n@", "a here-document"],
    ["cat <<A <<B\nx\nA\ny\nB\n@", "code"],
    ["cat <<<word\n@", "code"],
    ["cat <<< @", "code"],
    ["case $x in a) echo @;; esac", "code"],
    ["f() { echo @; }", "code"],
    ["echo a\\\n# @", "code"],
    ['echo $"@"', "double quotes"],
  ])("%j", (text, place) => {
    expect(placeOf(text)).toBe(place);
  });

  test("agrees with bash on where a quoted word is one word", () => {
    const piece = fc.constantFrom(
      "a ",
      "'b c' ",
      '"d e" ',
      "\\' ",
      '\\" ',
      "$(echo f) ",
      '"$(echo "g h")" ',
      "${x:-i} ",
      "# j\n",
      ": ; : ",
      "\n",
      '"',
      "'",
      "k",
    );
    const scripts: [string, ShellPlace][] = [];
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const before = `printf '<%s>' ${pieces.join("")} `;
        const lexer = new ShellLexer();
        lexer.feed(before);
        scripts.push([before, lexer.place]);
      }),
      { numRuns: 150 },
    );
    // Where a value may stand, a single-quoted word must reach the command whole.
    const fine = scripts
      .filter(([, place]) => place === "code")
      .map(([before]) => `${before}\nprintf '[%s]' 'VALUE WITH SPACES'`);
    expect(fine.length).toBeGreaterThan(20);
    for (const text of fine)
      expect(execFileSync("bash", ["-c", text], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })).toContain(
        "[VALUE WITH SPACES]",
      );
  });
});

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, it } from "vitest";
import { ROOT } from "./markdown.ts";

/** Modules that people import. */
const ENTRIES = ["src/index.ts", "src/testing.ts"];

/** A public symbol, where it is declared. */
interface Symbol {
  readonly name: string;
  readonly place: string;
  readonly kind: "value" | "type";
  /** Its doc comment. */
  readonly doc: string;
}

/** Finds the declaration of what a module exports under a name. */
function declarationOf(file: string, name: string): Symbol {
  const found = lookUp(file, name);
  if (!found) throw new Error(`${file} has no ${name}`);
  return found;
}

function lookUp(file: string, name: string): Symbol | undefined {
  const text = readFileSync(join(ROOT, file), "utf8");
  const { program, comments } = parseSync(file, text);
  const docBefore = (start: number): string =>
    comments.findLast(
      (comment) =>
        comment.end <= start && text.slice(comment.end, start).trim() === "" && comment.value.startsWith("*"),
    )?.value ?? "";
  // Overloads: the first one has the comment.
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") {
      const found = lookUp(join(dirname(file), statement.source.value), name);
      if (found) return found;
    }
    if (statement.type === "ExportNamedDeclaration" && statement.source) {
      const found = statement.specifiers.find(
        ({ exported }) => exported.type === "Identifier" && exported.name === name,
      );
      if (!found) continue;
      const local = found.local.type === "Identifier" ? found.local.name : name;
      return lookUp(join(dirname(file), statement.source.value), local);
    }
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (!declaration || !("type" in declaration)) continue;
    const place = `${file}: ${name}`;
    if (declaration.type === "VariableDeclaration") {
      if (declaration.declarations.some(({ id }) => id.type === "Identifier" && id.name === name)) {
        return { name, place, kind: "value", doc: docBefore(statement.start) };
      }
    } else if ("id" in declaration && declaration.id && "name" in declaration.id && declaration.id.name === name) {
      const isType = declaration.type === "TSInterfaceDeclaration" || declaration.type === "TSTypeAliasDeclaration";
      return { name, place, kind: isType ? "type" : "value", doc: docBefore(statement.start) };
    }
  }
  return undefined;
}

function publicSymbols(): Symbol[] {
  return ENTRIES.flatMap((entry) => {
    const { program } = parseSync(entry, readFileSync(join(ROOT, entry), "utf8"));
    return program.body.flatMap((statement) => {
      if (statement.type !== "ExportNamedDeclaration" || !statement.source) return [];
      const from = join(dirname(entry), statement.source.value);
      return statement.specifiers.map(({ local }) =>
        declarationOf(from, local.type === "Identifier" ? local.name : ""),
      );
    });
  });
}

it("every public symbol says what it is, and every value shows how it is used", () => {
  const symbols = publicSymbols();
  expect(symbols.length).toBeGreaterThan(50);
  expect(symbols.filter(({ doc }) => doc.trim() === "*" || doc === "").map(({ place }) => place)).toEqual([]);
  const bare = symbols.filter(({ kind, doc }) => kind === "value" && !/@example\s[\s\S]*```ts/.test(doc));
  expect(bare.map(({ place }) => place)).toEqual([]);
});

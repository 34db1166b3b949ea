import { splitUnits } from "./closure/units.ts";
import { parseModule } from "./modules/parse.ts";
import { pythonDeclarations } from "./python/declarations.ts";
import { positionAt } from "./syntax/position.ts";

/** A declaration of a module, as it is written there. */
export interface DeclarationText {
  readonly text: string;
  /** Of its first character, counted from 1. */
  readonly line: number;
}

/**
 * Cuts the text of a module into its declarations and top-level statements, by the names that closures have for them:
 * `lib/trim.ts#trimAdapters` is `trimAdapters` of `lib/trim.ts`.
 *
 * @throws LigaseError `LIGASE_E_SYNTAX` where the parser stops
 * @example
 * ```ts
 * declarationsOf("lib/trim.ts", "export const k = 31;").get("k"); // { text: "export const k = 31;", line: 1 }
 * ```
 */
export function declarationsOf(path: string, source: string): ReadonlyMap<string, DeclarationText> {
  if (path.endsWith(".py")) return pythonDeclarations(path, source);
  const module = parseModule(path, path, source);
  const statements = module.program.body;
  const found = new Map<string, DeclarationText>();
  for (const { name, nodes } of splitUnits(module).all) {
    const parts = nodes.map((node) => {
      const statement = statements.find((one) => one.start <= node.start && node.end <= one.end) ?? node;
      // `const a = 1, b = 2;`: each for itself.
      const declared = "declaration" in statement && statement.declaration ? statement.declaration : statement;
      const alone = declared.type !== "VariableDeclaration" || declared.declarations.length === 1;
      const { start, end } = alone ? statement : node;
      return { text: source.slice(start, end), line: positionAt(source, start).line };
    });
    found.set(name, { text: parts.map(({ text }) => text).join("\n"), line: parts[0]?.line ?? 1 });
  }
  return found;
}

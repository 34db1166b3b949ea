import { positionAt } from "../syntax/position.ts";
import { readModule } from "./module.ts";

/** Cuts the text of a Python module into its definitions and statements, by the names that closures have for them. */
export function pythonDeclarations(
  path: string,
  source: string,
): ReadonlyMap<string, { readonly text: string; readonly line: number }> {
  return new Map(
    readModule(path, path, source).units.map(({ name, nodes }) => {
      const [from, to] = [nodes[0]!.from, nodes.at(-1)!.to];
      return [name, { text: source.slice(from, to).trimEnd(), line: positionAt(source, from).line }];
    }),
  );
}

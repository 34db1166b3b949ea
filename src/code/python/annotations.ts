import type { PyUnit } from "./module.ts";
import { undecorated } from "./module.ts";
import { type Chain, chainOf, childOf, descendants, parsePython, type PyNode } from "./tree.ts";
import { plainText } from "./literals.ts";

/** The names that the annotations of a function say, of its parameters and its result. */
export function annotationNames(unit: PyUnit): readonly Chain[] {
  const { source } = unit.module;
  const found = new Map<string, Chain>();
  const read = (nodes: readonly PyNode[], text: string): void => {
    for (const node of descendants(nodes, (one) => chainOf(one, text) === undefined)) {
      const chain = chainOf(node, text);
      if (chain) found.set([chain.root, ...chain.members].join("."), chain);
      // `"Chunk"`, for what is only defined further down.
      const quoted = plainText(node, text);
      if (quoted !== undefined && text === source) read(parsePython(quoted).body, quoted);
    }
  };
  for (const node of unit.nodes) {
    const definition = undecorated(node);
    if (definition.type !== "FunctionDefinition") continue;
    const list = childOf(definition, "ParamList");
    const types = [...(list?.children ?? []), ...definition.children].filter(({ type }) => type === "TypeDef");
    read(
      types.flatMap(({ children }) => children),
      source,
    );
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, chain]) => chain);
}

import type { PyUnit } from "./module.ts";
import { undecorated } from "./module.ts";
import { type Chain, chainOf, childOf, descendants, parsePython, type PyNode } from "./tree.ts";
import { plainText } from "./literals.ts";

/** Types that values of JSON are made into where a function says them; all others are what JSON has, or are left alone. */
const MAKES = new Set(
  "float complex tuple Tuple set frozenset Set FrozenSet AbstractSet MutableSet date datetime time timedelta Decimal Fraction UUID Path PurePath PosixPath bytearray deque ndarray".split(
    " ",
  ),
);

/**
 * What the annotations of a function make of its arguments: `x: float` is given `2.0` for a 2. Empty for `str`, `int`,
 * `list[str]` and the like, which make nothing of anything.
 */
export function conversionsOf(unit: PyUnit, isOwnClass: (chain: Chain) => boolean): string {
  const { source } = unit.module;
  const found: string[] = [];
  for (const node of unit.nodes) {
    const definition = undecorated(node);
    const list = definition.type === "FunctionDefinition" ? childOf(definition, "ParamList") : undefined;
    let parameter = 0;
    for (const child of list?.children ?? []) {
      if (child.type === ",") parameter++;
      if (child.type !== "TypeDef") continue;
      const written = source.slice(child.from + 1, child.to);
      const names = written.match(/[^\W\d]\w*(?:\s*\.\s*\w+)*/g) ?? [];
      const makes = names.some((name) => {
        const [root, ...members] = name.split(/\s*\.\s*/);
        return MAKES.has(members.at(-1) ?? root!) || isOwnClass({ root: root!, members });
      });
      if (makes) found.push(`${parameter}:${written.replace(/[\s"']/g, "")}`);
    }
  }
  return found.join(" ");
}

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

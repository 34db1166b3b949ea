import { childOf, type Chain, type PyNode } from "./tree.ts";
import { decoratorChain } from "./facts.ts";
import { plainText } from "./literals.ts";
import type { PyUnit } from "./module.ts";
import { isLigase, type PythonSources } from "./source-tree.ts";

/** The decorators of a definition. */
export function decoratorsOf(node: PyNode): readonly PyNode[] {
  return node.type === "DecoratedStatement" ? node.children.filter(({ type }) => type === "Decorator") : [];
}

function runnerOf(sources: PythonSources, unit: PyUnit): PyNode | undefined {
  if (unit.kind !== "function") return undefined;
  return unit.nodes.flatMap(decoratorsOf).find((decorator) => {
    const chain: Chain | undefined = decoratorChain(decorator, unit.module.source);
    return chain !== undefined && isLigase(sources.originsOf(unit.module, chain));
  });
}

/** Is it a function under `@function`? */
export function isTask(sources: PythonSources, unit: PyUnit): boolean {
  return runnerOf(sources, unit) !== undefined;
}

/** What it is called: the option `name` of its decorator, else its own name. */
export function taskName(sources: PythonSources, unit: PyUnit): string {
  const runner = runnerOf(sources, unit);
  const given = (runner && childOf(runner, "ArgList")?.children) ?? [];
  const { source } = unit.module;
  const at = given.findIndex(
    ({ type, from, to }, i) =>
      type === "VariableName" && source.slice(from, to) === "name" && given[i + 1]?.type === "AssignOp",
  );
  return (at >= 0 ? plainText(given[at + 2], source) : undefined) ?? unit.name.replace(/ \(\d+\)$/, "");
}

import type { Node } from "oxc-parser";
import type { Analysis } from "../analyse.ts";
import { isFunction } from "../syntax/scopes.ts";
import { walk } from "../syntax/walk.ts";

/**
 * The statements of the entry module that no task needs: what a program does when it is started
 * (`await run(main(…))`, a server). A worker that imports the program for its tasks must not do it
 * again. The closure of the tasks says what they need.
 */
export function unreachedStatements({ graph, tasks, references }: Analysis): Node[] {
  const reached = references.reachedUnits(tasks);
  const bodies = new Set(tasks.map((task) => task.statement));
  const nodes: Node[] = [];
  const units = references.unitsOf(graph.entry).all;
  for (const statement of graph.entry.program.body) {
    if (bodies.has(statement)) continue;
    const own = units.filter((unit) =>
      unit.nodes.some((node) => node.start >= statement.start && node.end <= statement.end),
    );
    if (own.length === 0 || own.some((unit) => reached.has(unit))) continue;
    if (own.every((unit) => unit.kind === "function" || unit.kind === "primitive")) continue;
    if (own.some((unit) => unit.kind === "statement") || own.some((unit) => unit.nodes.some(runs)))
      nodes.push(statement);
  }
  return nodes;
}

/** Is something called or awaited where the node is evaluated? */
function runs(node: Node): boolean {
  let found = false;
  walk(node, {
    enter(inner) {
      if (isFunction(inner)) return false;
      if (inner.type === "CallExpression" || inner.type === "NewExpression" || inner.type === "AwaitExpression")
        found = true;
      return undefined;
    },
  });
  return found;
}

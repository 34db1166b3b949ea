import type { Node } from "./node.ts";

/** Longer chains of fields are cut in messages. */
const LONGEST = 8;

/** The name of a call's task, which is only a name in nodes read from the store. */
export function taskName(task: { readonly name: string } | string): string {
  return (typeof task === "string" ? task : task.name) || "task";
}

/**
 * Writes an expression for people, the way it stands in code: `align(…).bam`.
 */
export function describe(node: Node): string {
  let path = "";
  let at = node;
  for (let depth = 0; at.kind === "get"; depth++) {
    if (depth === LONGEST) return `…${path}`;
    const { key } = at;
    const plain = typeof key === "string" && /^[A-Za-z_$][\w$]*$/.test(key);
    path = (plain ? `.${key}` : `[${JSON.stringify(key)}]`) + path;
    at = at.of;
  }
  if (at.kind === "param") return at.name + path;
  return `${at.kind === "op" ? (at.op === "value" ? "all" : at.op) : taskName(at.task)}(…)${path}`;
}

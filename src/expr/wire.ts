/**
 * Expressions as text: what is stored of a body that returned one, and what crosses between
 * processes.
 *
 * A value without lazy parts is written exactly as the codec writes it. A value with lazy parts is
 * written as a flat graph, so that neither a chain nor a tree of 100,000 calls needs a stack, and
 * so that a shared call is written once:
 *
 * ```json
 * { "$": "expr", "nodes": [ …nodes… ], "value": …value… }
 * ```
 *
 * Each node stands after those it depends on; equal nodes are one. A node is one of
 *
 * | text | meaning |
 * |---|---|
 * | `["call", name, args]`, `["call", name, args, options]` | a call of a task, by its name |
 * | `["get", n, key]` | a field or item of node `n` |
 * | `["op", operator, args]` | an operator of the language |
 * | `["param", name]` | the placeholder of a recorded callback |
 *
 * `value`, `args` and `options` are values as the codec writes them, in which
 *
 * | text | meaning |
 * |---|---|
 * | `{ "$": "ref", "v": n }` | node `n` |
 * | `{ "$": "lambda", "v": { "params": [n, …], "body": … } }` | a recorded callback |
 *
 * In the identity, atoms stand with theirs, placeholders have no names, and of the options of a
 * call only `version` and `image` count. Two recordings of one callback are two placeholders:
 * everything else that is equal in structure is equal in identity, whatever the order in which it
 * was made.
 *
 * @module
 */

/** How the text of a value with lazy parts begins; no value without any is written so. */
export const HEAD = '{"$":"expr","nodes":[';

/** A node as JSON. */
export type WrittenNode =
  | readonly ["call", name: string, args: unknown, options?: unknown]
  | readonly ["get", of: number, key: string | number]
  | readonly ["op", operator: string, args: unknown]
  | readonly ["param", name: string];

/** Was this text written of a value with lazy parts? */
export function isEncodedExpression(text: string): boolean {
  return text.startsWith(HEAD);
}

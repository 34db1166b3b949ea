import { type Codec, LigaseError } from "../kernel/index.ts";
import { builtIns } from "./built-ins.ts";
import { makeExpr } from "./lazy.ts";
import { Lambda, type Node, type Operator, OPERATORS, type ParamNode } from "./node.ts";
import type { TaskOptions } from "./options.ts";
import type { TaskImpl } from "./task-impl.ts";
import { isEncodedExpression, type WrittenNode } from "./wire.ts";

/** Finds a task by its name. */
export type TaskLookup = (name: string) => TaskImpl | undefined;

/** One pass over one parsed graph. */
class Builder {
  readonly #nodes: Node[] = [];
  readonly #exprs: unknown[] = [];
  readonly #codec: Codec;
  readonly #lookup: TaskLookup | undefined;

  constructor(codec: Codec, lookup: TaskLookup | undefined) {
    this.#codec = codec;
    this.#lookup = lookup;
  }

  add(written: WrittenNode): void {
    const node = this.#node(written);
    this.#nodes.push(node);
    this.#exprs.push(makeExpr(node));
  }

  #node(written: WrittenNode): Node {
    switch (written[0]) {
      case "call": {
        const [, name, args, options] = written;
        return {
          kind: "call",
          task: this.#task(name),
          args: this.read(args) as readonly unknown[],
          options: options === undefined ? undefined : (this.read(options) as TaskOptions),
        };
      }
      case "get":
        return { kind: "get", of: this.#nodes[written[1]]!, key: written[2] };
      case "op":
        if (!Object.hasOwn(OPERATORS, written[1])) return unknownKind(`the operator ${written[1]}`);
        return { kind: "op", op: written[1] as Operator, args: this.read(written[2]) as readonly unknown[] };
      case "param":
        return { kind: "param", name: written[1] };
      default:
        return unknownKind(JSON.stringify((written as readonly unknown[])[0]));
    }
  }

  #task(name: string): TaskImpl | string {
    const task = builtIns.get(name) ?? (this.#lookup ? this.#lookup(name) : name);
    if (task !== undefined) return task;
    throw new LigaseError("LIGASE_E_NO_TASK", `a stored expression calls ${name}, and there is no such task here`, {
      facts: { task: name },
      mend: "it was renamed or removed since; what called it has to run again",
    });
  }

  /** Makes a value of parsed JSON. */
  read(json: unknown): unknown {
    if (json === null || typeof json !== "object") return json;
    if (Array.isArray(json)) return json.map((part) => this.read(part));
    const { $: tag, v } = json as { $?: unknown; v?: unknown };
    switch (tag) {
      case undefined:
        return this.#record(json);
      case "object":
        return this.#record(v as object);
      case "ref":
        return this.#exprs[v as number];
      case "lambda": {
        const { params, body } = v as { params: readonly number[]; body: unknown };
        return new Lambda(
          params.map((param) => this.#nodes[param] as ParamNode),
          this.read(body),
        );
      }
      default:
        // Atoms, dates, maps: whatever the codec tags holds no lazy parts.
        return this.#codec.revive(json);
    }
  }

  #record(json: object): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const [key, part] of Object.entries(json)) {
      if (key === "__proto__") {
        Object.defineProperty(record, key, {
          value: this.read(part),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else record[key] = this.read(part);
    }
    return record;
  }
}

function unknownKind(what: string): never {
  throw new LigaseError("LIGASE_E_UNKNOWN_TAG", `a stored expression holds ${what}, unknown here`, {
    mend: "it was written by a newer version: update ligase",
  });
}

/**
 * Reads what `encodeExpression` wrote. Calls that were one are one again.
 *
 * @param lookup - finds the tasks of this program; without it, calls keep the names of their tasks
 * @throws LigaseError `LIGASE_E_NO_TASK` when it calls a task that is not found;
 * `LIGASE_E_UNKNOWN_TAG` when a newer version wrote it
 */
export function decodeExpression(text: string, codec: Codec, lookup?: TaskLookup): unknown {
  if (!isEncodedExpression(text)) return codec.decode(text);
  const { nodes, value } = JSON.parse(text) as { nodes: readonly WrittenNode[]; value: unknown };
  const builder = new Builder(codec, lookup);
  for (const node of nodes) builder.add(node);
  return builder.read(value);
}

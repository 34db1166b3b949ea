import { type Codec, type Encoded, LigaseError } from "../kernel/index.ts";
import { describe, taskName } from "./describe.ts";
import { nodeOf } from "./lazy.ts";
import { type CallNode, type GetNode, Lambda, type Node, type OpNode } from "./node.ts";
import type { TaskOptions } from "./options.ts";
import { lazyPartsInOrder } from "./walk.ts";
import { HEAD } from "./wire.ts";

/** A value, perhaps with lazy parts, as text. */
export interface EncodedExpression extends Encoded {
  /** Every call in it, those in recorded callbacks included. */
  readonly calls: readonly CallNode[];
}

/** What is stored, and what is hashed. */
interface Texts {
  readonly text: string;
  readonly identity: string;
}

/** A node on the way down: its parts are numbered before it is. */
interface Frame {
  readonly node: Node;
  readonly parts: readonly Node[];
  next: number;
}

/** One pass over one graph. */
class Flattener {
  readonly calls: CallNode[] = [];
  readonly atoms: object[] = [];
  readonly unresolved: object[] = [];
  /** The nodes as they are stored, and as they are identified. */
  readonly texts: string[] = [];
  readonly identities: string[] = [];
  readonly #codec: Codec;
  /** The number of a node among the stored. */
  readonly #numbers = new Map<Node, number>();
  /** The number among the identified of each of the stored. */
  readonly #identified: number[] = [];
  readonly #lambdas = new Map<Lambda, Texts>();
  readonly #byText = new Map<string, number>();
  /** Made when first a text and its identity differ: until then it would be the same as `#byText`. */
  #byIdentity: Map<string, number> | undefined;
  /**
   * Must what comes be written twice? Only once two nodes that are stored apart are one by identity
   * (one file in two places, one call with two amounts of memory), or a callback names a file.
   */
  #differ = false;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Numbers a node and all it depends on, without recursion. */
  add(root: Node): void {
    if (this.#numbers.has(root)) return;
    const stack: Frame[] = [{ node: root, parts: partsOf(root), next: 0 }];
    for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
      const part = frame.parts[frame.next++];
      if (part === undefined) {
        if (!this.#numbers.has(frame.node)) this.#number(frame.node);
        stack.pop();
      } else if (!this.#numbers.has(part)) stack.push({ node: part, parts: partsOf(part), next: 0 });
    }
  }

  /** Writes a value whose nodes all have numbers. */
  write(value: unknown): Texts {
    const encoded = this.#codec.encode(value, (part) => this.#replace(part, false));
    for (const atom of encoded.atoms) this.atoms.push(atom);
    for (const atom of encoded.unresolved) this.unresolved.push(atom);
    if (!this.#differ) return encoded;
    const { identity } = this.#codec.encode(value, (part) => this.#replace(part, true));
    return { text: encoded.text, identity };
  }

  #replace(part: object, forIdentity: boolean): string | undefined {
    const node = nodeOf(part);
    if (node) return `{"$":"ref","v":${this.#numberOf(node, forIdentity)}}`;
    if (!(part instanceof Lambda)) return undefined;
    let written = this.#lambdas.get(part);
    if (!written) this.#lambdas.set(part, (written = this.#lambda(part)));
    return forIdentity ? written.identity : written.text;
  }

  #lambda({ params, body }: Lambda): Texts {
    const { text, identity } = this.write(body);
    const write = (body: string, forIdentity: boolean): string => {
      const numbers = params.map((param) => this.#numberOf(param, forIdentity)).join(",");
      return `{"$":"lambda","v":{"params":[${numbers}],"body":${body}}}`;
    };
    // What stands around it is then written twice, as the codec does where an atom is met.
    if (text !== identity) this.#differ = true;
    return { text: write(text, false), identity: write(identity, true) };
  }

  #numberOf(node: Node, forIdentity: boolean): number {
    const number = this.#numbers.get(node);
    if (number !== undefined) return forIdentity ? this.#identified[number]! : number;
    const message = `${describe(node)} is a lazy value inside a Map, a Set or an instance of a class`;
    throw new LigaseError("LIGASE_E_UNSERIALISABLE", message, {
      facts: { expression: describe(node) },
      mend: "lazy values are looked for in plain objects and arrays: use one of these",
    });
  }

  #number(node: Node): void {
    if (node.kind === "param") {
      // Never merged with another: which callback it belongs to is all there is to it.
      const identified = this.identities.push('["param"]') - 1;
      this.#numbers.set(node, this.#append(`["param",${JSON.stringify(node.name)}]`, identified));
      return;
    }
    if (node.kind === "call") this.calls.push(node);
    const { text, identity } = node.kind === "get" ? this.#get(node) : this.#applied(node);
    let number = this.#byText.get(text);
    if (number === undefined) {
      if (text !== identity) this.#byIdentity ??= new Map(this.identities.map((known, n) => [known, n]));
      // While the identity of a file is missing, none of the identities means anything.
      let identified = this.unresolved.length > 0 ? undefined : this.#byIdentity?.get(identity);
      if (identified === undefined) {
        identified = this.identities.push(identity) - 1;
        this.#byIdentity?.set(identity, identified);
      }
      number = this.#append(text, identified);
      this.#byText.set(text, number);
    }
    this.#numbers.set(node, number);
  }

  #append(text: string, identified: number): number {
    const number = this.texts.push(text) - 1;
    this.#identified.push(identified);
    if (identified !== number) this.#differ = true;
    return number;
  }

  #get({ of, key }: GetNode): Texts {
    const write = (number: number): string => `["get",${number},${JSON.stringify(key)}]`;
    const text = write(this.#numberOf(of, false));
    return { text, identity: this.#differ ? write(this.#numberOf(of, true)) : text };
  }

  #applied(node: CallNode | OpNode): Texts {
    const head = node.kind === "op" ? `["op","${node.op}"` : `["call",${JSON.stringify(taskName(node.task))}`;
    let args: Texts;
    try {
      args = this.write(node.args);
    } catch (error) {
      if (!(error instanceof LigaseError) || error.code !== "LIGASE_E_UNSERIALISABLE") throw error;
      throw new LigaseError(error.code, `in the arguments of ${describe(node)}: ${error.message}`, {
        facts: { expression: describe(node), ...error.facts },
        ...(error.mend !== undefined && { mend: error.mend }),
      });
    }
    if (node.kind === "call" && node.options !== undefined) {
      const options = this.#options(node, node.options);
      return {
        text: `${head},${args.text},${options.text}]`,
        identity: `${head},${args.identity}${options.identity}]`,
      };
    }
    const text = `${head},${args.text}]`;
    return { text, identity: args.identity === args.text ? text : `${head},${args.identity}]` };
  }

  #options(node: CallNode, options: TaskOptions): Texts {
    for (const [option, value] of Object.entries(options)) {
      if (typeof value !== "function") continue;
      const name = taskName(node.task);
      const message = `the option ${option} of the call ${describe(node)} is a function, and a call is data`;
      throw new LigaseError("LIGASE_E_UNSERIALISABLE", message, {
        facts: { task: name, option },
        mend: `give ${option} where ${name} is made, and not with withOptions()`,
      });
    }
    const { version, image } = options;
    const counts = version !== undefined || image !== undefined;
    return {
      text: this.write(options).text,
      identity: counts ? `,${this.#codec.encode({ version, image }).identity}` : "",
    };
  }
}

/** The nodes that a node depends on, in the order of its canonical form. */
function partsOf(node: Node): readonly Node[] {
  if (node.kind === "param") return [];
  if (node.kind === "get") return [node.of];
  const parts: Node[] = [];
  lazyPartsInOrder(node.args, parts);
  return parts;
}

/**
 * Writes a value that may hold lazy parts.
 *
 * @throws LigaseError `LIGASE_E_UNSERIALISABLE`, naming the call and the place in its arguments,
 * when something in it cannot be stored
 * @example
 * ```ts
 * const { text, calls } = encodeExpression({ bam: align(sample).bam }, codec);
 * calls.length; // 1
 * ```
 */
export function encodeExpression(value: unknown, codec: Codec): EncodedExpression {
  const roots: Node[] = [];
  lazyPartsInOrder(value, roots);
  const graph = new Flattener(codec);
  for (const root of roots) graph.add(root);
  const { text, identity } = graph.write(value);
  const { calls, atoms, unresolved } = graph;
  if (roots.length === 0) return { text, identity: unresolved.length > 0 ? "" : identity, atoms, unresolved, calls };
  const stored = `${HEAD}${graph.texts.join(",")}],"value":${text}}`;
  let identified = "";
  if (unresolved.length === 0) {
    identified = `${HEAD}${graph.identities.join(",")}],"value":${identity}}`;
    if (identified === stored) identified = stored;
  }
  return { text: stored, identity: identified, atoms, unresolved, calls };
}

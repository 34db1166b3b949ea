import { type Hash, hashText } from "../../kernel/index.ts";
import type { Vertex } from "./vertex.ts";

/**
 * Hashes vertices with everything they reach. Vertices that reach one another (mutual recursion)
 * are hashed as one, so that the result does not depend on where the walk began. Tarjan's
 * strongly connected components, with a stack of our own. Each vertex is hashed once.
 */
export class ClosureHasher {
  readonly #hashes = new Map<Vertex, Hash>();
  readonly #index = new Map<Vertex, number>();
  readonly #low = new Map<Vertex, number>();
  readonly #open: Vertex[] = [];
  readonly #isOpen = new Set<Vertex>();

  hash(start: Vertex): Hash {
    const known = this.#hashes.get(start);
    if (known !== undefined) return known;
    const path: { vertex: Vertex; next: number }[] = [this.#begin(start)];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const edge = top.vertex.edges()[top.next++];
      if (edge) {
        const [, to] = edge;
        if (!this.#index.has(to)) path.push(this.#begin(to));
        else if (this.#isOpen.has(to)) this.#lower(top.vertex, this.#index.get(to)!);
        continue;
      }
      path.pop();
      const low = this.#low.get(top.vertex)!;
      const parent = path.at(-1);
      if (parent) this.#lower(parent.vertex, low);
      if (low === this.#index.get(top.vertex)) this.#close(top.vertex);
    }
    return this.#hashes.get(start)!;
  }

  #begin(vertex: Vertex): { vertex: Vertex; next: number } {
    this.#index.set(vertex, this.#index.size);
    this.#low.set(vertex, this.#index.get(vertex)!);
    this.#open.push(vertex);
    this.#isOpen.add(vertex);
    return { vertex, next: 0 };
  }

  #lower(vertex: Vertex, to: number): void {
    if (to < this.#low.get(vertex)!) this.#low.set(vertex, to);
  }

  #close(first: Vertex): void {
    const members = this.#open.splice(this.#open.indexOf(first));
    for (const member of members) this.#isOpen.delete(member);
    const within = new Set(members);
    const signatures = members.map((member) => {
      const edges = member
        .edges()
        .map(([label, to]) => `${label}\0${within.has(to) ? `@${to.own}` : this.#hashes.get(to)!}`);
      return hashText([member.own, ...edges].join("\n"));
    });
    if (members.length === 1) {
      this.#hashes.set(members[0]!, signatures[0]!);
      return;
    }
    const together = hashText([...signatures].sort().join("\n"));
    for (const [i, member] of members.entries()) this.#hashes.set(member, hashText(`${together}\n${signatures[i]!}`));
  }
}

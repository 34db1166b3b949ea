import type { Facts } from "./facts.ts";
import type { Unit } from "./units.ts";

/** Something that counts in a closure hash: a unit with its text, or a leaf with an identity. */
export interface Vertex {
  /** `lib/trim.ts#trimAdapters`, `npm:zod`, `asset:panel.json`, `task:align`. */
  readonly key: string;
  /** What it is without what it refers to: the hash of its text, a version, a name. */
  readonly own: string;
  /** Does the record of a closure name it? */
  readonly named: boolean;
  /** Labels and what they lead to, in a fixed order. */
  edges(): readonly Edge[];
}

/** A reference, by the words the source has for it. */
export type Edge = readonly [label: string, to: Vertex];

/** A unit with what was read of it. */
export interface UnitVertex extends Vertex {
  readonly unit: Unit;
  readonly facts: Facts;
}

/**
 * A vertex without a unit: the one of its key that is there, or a new one, whose edges are found when they are asked for.
 */
export function leafIn<K>(
  vertices: Map<string | K, Vertex>,
  facts: Omit<Vertex, "edges">,
  edges: (into: Edge[]) => void = () => {},
): Vertex {
  const known = vertices.get(facts.key);
  if (known) return known;
  let made: Edge[] | undefined;
  const vertex: Vertex = {
    ...facts,
    edges: () => {
      if (!made) edges((made = []));
      return made;
    },
  };
  vertices.set(facts.key, vertex);
  return vertex;
}

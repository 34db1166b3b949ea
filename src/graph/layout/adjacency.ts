/** The edges of a graph by node: those of node `v` are `list[start[v]] … list[start[v + 1] - 1]`. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly list: Int32Array;
}

/** Sorts edges by one of their ends, in the order in which they come. */
export function adjacency(nodes: number, ends: ArrayLike<number>): Adjacency {
  const start = new Int32Array(nodes + 1);
  for (let e = 0; e < ends.length; e++) start[ends[e]! + 1]!++;
  for (let v = 0; v < nodes; v++) start[v + 1]! += start[v]!;
  const next = start.slice();
  const list = new Int32Array(ends.length);
  for (let e = 0; e < ends.length; e++) list[next[ends[e]!]!++] = e;
  return { start, list };
}

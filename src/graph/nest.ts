/** That the body of one task calls another; null: that it was called from outside. */
export interface Call {
  readonly parent: string | null;
  readonly task: string;
}

/** Which task stands within which. */
export interface Nesting {
  /** The task that each stands in; null for none. */
  readonly group: ReadonlyMap<string, string | null>;
  /** Of each task, those that it calls and that it stands in: itself among them. */
  readonly loops: ReadonlyMap<string, readonly string[]>;
  /** The calls that neither of these tells: of tasks that several others call. */
  readonly others: readonly Call[];
}

/** Where dominators begin: what is called from outside. */
const OUTSIDE = 0;

/**
 * Puts each task into the innermost one through which every way to it leads: the task that calls it, if it is the only
 * one, or else the nearest that all its callers stand in. These are the immediate dominators of the call graph, found
 * as in Cooper, Harvey & Kennedy, A simple, fast dominance algorithm (2001).
 *
 * @param calls - in the order in which they were first made
 */
export function nest(calls: readonly Call[]): Nesting {
  const names = [...new Set(calls.flatMap(({ parent, task }) => (parent === null ? [task] : [parent, task])))];
  const number = new Map(names.map((name, i) => [name, i + 1]));
  const idOf = (name: string | null): number => (name === null ? OUTSIDE : number.get(name)!);
  const callees: number[][] = [[], ...names.map(() => [])];
  for (const { parent, task } of calls) callees[idOf(parent)]!.push(idOf(task));
  const above = dominators(callees);

  const group = new Map<string, string | null>(
    names.map((name, i) => [name, above[i + 1]! <= OUTSIDE ? null : names[above[i + 1]! - 1]!]),
  );
  const loops = new Map<string, string[]>();
  const others: Call[] = [];
  for (const call of calls) {
    const { parent, task } = call;
    if (parent === null || group.get(task) === parent) continue;
    if (standsIn(group, parent, task)) loops.set(parent, [...(loops.get(parent) ?? []), task]);
    else others.push(call);
  }
  return { group, loops, others };
}

/** Is it the task itself, or does it stand in it? */
function standsIn(group: ReadonlyMap<string, string | null>, name: string, outer: string): boolean {
  for (let at: string | null | undefined = name; typeof at === "string"; at = group.get(at)) {
    if (at === outer) return true;
  }
  return false;
}

/** The immediate dominator of each node; -1 of the root and of what it does not lead to. */
function dominators(callees: readonly (readonly number[])[]): number[] {
  const order = reversePostorder(callees);
  const rank = new Map(order.map((v, i) => [v, i]));
  const callers: number[][] = callees.map(() => []);
  callees.forEach((list, v) => list.forEach((w) => callers[w]!.push(v)));
  const above = callees.map(() => -1);
  const meet = (a: number, b: number): number => {
    let [v, w] = [a, b];
    while (v !== w) {
      while (rank.get(v)! > rank.get(w)!) v = above[v]!;
      while (rank.get(w)! > rank.get(v)!) w = above[w]!;
    }
    return v;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const v of order.slice(1)) {
      const known = callers[v]!.filter((u) => u === OUTSIDE || above[u] !== -1);
      const next = known.reduce(meet);
      if (above[v] !== next) {
        above[v] = next;
        changed = true;
      }
    }
  }
  return above;
}

function reversePostorder(callees: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const met = new Set([OUTSIDE]);
  const stack = [{ v: OUTSIDE, next: 0 }];
  while (stack.length > 0) {
    const frame = stack.at(-1)!;
    const w = callees[frame.v]![frame.next++];
    if (w === undefined) {
      order.push(frame.v);
      stack.pop();
    } else if (!met.has(w)) {
      met.add(w);
      stack.push({ v: w, next: 0 });
    }
  }
  return order.reverse();
}

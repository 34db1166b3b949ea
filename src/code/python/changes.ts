import { assignTargets, isComprehension, rootName } from "./names.ts";
import { type Chain, chainOf, childOf, descendants, type PyNode } from "./tree.ts";

/** Something of the module that code writes to. */
export interface Write {
  readonly chain: Chain;
  /** In how many functions it stands: in none it is done when the module is imported. */
  readonly depth: number;
}

/** A call in code. */
export interface Call {
  readonly callee: Chain;
  /** Is its value thrown away, so that it must be made for what it does? */
  readonly bare: boolean;
  /** `@register` over a definition. */
  readonly decorates: "plain" | "factory" | undefined;
  readonly arguments: readonly Chain[];
  readonly depth: number;
}

/** What code changes that is not its own. */
export interface Changes {
  readonly writes: Write[];
  readonly calls: Call[];
  /** Does it write to what it was given, or made of that? */
  ofParameter: boolean;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

/** Methods of Python's own classes that change what they are called on. */
const MUTATORS = words(
  "append extend insert remove pop clear sort reverse update setdefault popitem add discard intersection_update difference_update symmetric_difference_update appendleft extendleft popleft rotate move_to_end register __setitem__ __delitem__ setattr write writelines",
);

/** Methods that do not, so that calling them for nothing is no sign of a change. */
const READERS = words(
  "get keys values items copy count index join split strip lower upper startswith endswith format encode decode debug info warning error exception critical log setLevel addHandler print flush close",
);

/** Functions of Python that change nothing they are given. */
const HARMLESS = words(
  "print len str int float bool repr sorted list dict set tuple range enumerate zip map filter isinstance issubclass getattr hasattr max min sum any all abs iter next open type id hash super",
);

interface Context {
  readonly source: string;
  readonly changes: Changes;
  readonly depth: number;
  readonly isLocal: (name: string) => boolean;
}

/** Notes what a node changes, if it is one that changes something. */
export function noteChanges(node: PyNode, parent: PyNode | undefined, context: Context): void {
  switch (node.type) {
    case "AssignStatement":
      for (const target of assignTargets(node)) noteTarget(target, context);
      break;
    case "UpdateStatement":
      noteTarget(node.children[0]!, context);
      break;
    case "DeleteStatement":
      for (const target of node.children.slice(1)) noteTarget(target, context);
      break;
    case "CallExpression":
      noteCall(node, parent?.type === "ExpressionStatement" || parent?.type === "AwaitExpression", context);
      break;
    case "Decorator":
      noteDecorator(node, context);
      break;
    default:
      break;
  }
}

function noteTarget(target: PyNode, context: Context): void {
  const { source, depth, isLocal } = context;
  for (const node of descendants([target], ({ type }) => type !== "MemberExpression")) {
    if (node.type === "MemberExpression") noteWrite(node, context);
    else if (node.type === "VariableName" && depth > 0) {
      // `global total`
      const root = source.slice(node.from, node.to);
      if (!isLocal(root)) context.changes.writes.push({ chain: { root, members: [] }, depth });
    }
  }
}

/** `a.b = …`, `a.b[0] = …`, `a.b.append(…)`: what is left of the last member or index. */
function noteWrite(node: PyNode, { source, changes, depth, isLocal }: Context): void {
  const root = rootName(node, source);
  if (root === undefined) return;
  if (isLocal(root)) {
    changes.ofParameter ||= depth > 0;
    return;
  }
  let at: PyNode | undefined = node;
  let chain: Chain | undefined;
  for (; at && !chain; at = at.children[0]) chain = chainOf(at, source);
  changes.writes.push({ chain: chain ?? { root, members: [] }, depth });
}

function noteCall(node: PyNode, bare: boolean, context: Context): void {
  const { source, changes, depth, isLocal } = context;
  const callee = node.children[0]!;
  const list = childOf(node, "ArgList");
  const given = list && !isComprehension(list) ? list.children : [];
  const chain = chainOf(callee, source);
  const passed = given
    .filter((_, i) => given[i + 1]?.type !== "AssignOp")
    .map((argument) => chainOf(argument, source))
    .filter((one) => one !== undefined);
  if (callee.type === "MemberExpression" && callee.children.at(-1)?.type === "PropertyName") {
    const property = callee.children.at(-1)!;
    const method = source.slice(property.from, property.to);
    if (MUTATORS.has(method) || (bare && !READERS.has(method))) noteWrite(callee.children[0]!, context);
  }
  if (!chain) return;
  const name = chain.members.length === 0 ? chain.root : undefined;
  if (name === "setattr" || name === "delattr") {
    const [first] = passed;
    if (first && !isLocal(first.root)) changes.writes.push({ chain: first, depth });
    else if (first && depth > 0) changes.ofParameter = true;
  }
  if ((name !== undefined && HARMLESS.has(name)) || isLocal(chain.root)) return;
  const own = passed.filter(({ root }) => !isLocal(root));
  changes.calls.push({ callee: chain, bare, decorates: undefined, arguments: own, depth });
}

function noteDecorator(node: PyNode, { source, changes, depth, isLocal }: Context): void {
  const names = node.children
    .filter(({ type }) => type === "VariableName" || type === "PropertyName")
    .map(({ from, to }) => source.slice(from, to));
  const [root, ...members] = names;
  if (root === undefined || isLocal(root)) return;
  const decorates = childOf(node, "ArgList") ? "factory" : "plain";
  changes.calls.push({ callee: { root, members }, bare: false, decorates, arguments: [], depth });
}

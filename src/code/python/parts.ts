import { isString, plainText } from "./literals.ts";
import { childOf, type PyNode } from "./tree.ts";

const BRACKETED = new Set([
  "ArgList",
  "ParamList",
  "ArrayExpression",
  "TupleExpression",
  "DictionaryExpression",
  "SetExpression",
  "ParenthesizedExpression",
  "ComprehensionExpression",
  "ArrayComprehensionExpression",
  "SetComprehensionExpression",
  "DictionaryComprehensionExpression",
  "ImportStatement",
  "WithStatement",
  "ScopeStatement",
  "SequencePattern",
  "PatternArgList",
]);
const PUNCTUATION = new Set(["(", ")", "[", "]", "{", "}", ",", ";"]);

/** Statements in which `a, b` is a tuple without brackets. */
const OPEN_TUPLES = new Set([
  "ReturnStatement",
  "YieldExpression",
  "YieldStatement",
  "AssignStatement",
  "UpdateStatement",
  "ForStatement",
  "ExpressionStatement",
]);
const SEPARATORS = new Set("AssignOp UpdateOp return yield from for in async TypeDef Body else : await".split(" "));

/** The children of a node that say what it does: without brackets, commas and colons that its type implies. */
export function partsOf(node: PyNode): readonly PyNode[] {
  const { type, children } = node;
  if (OPEN_TUPLES.has(type)) return withTuples(children);
  if (BRACKETED.has(type)) return children.filter((child) => !PUNCTUATION.has(child.type));
  switch (type) {
    case "StatementGroup":
      return children.filter((child) => child.type !== ";");
    case "Body":
    case "MatchBody":
      return children.filter((child, i) => i > 0 || child.type !== ":");
    case "ClassDefinition":
      return children.filter((child) => child.type !== "ArgList" || child.children.length > 2);
    case "Decorator":
      // Its name is told as one.
      return children.filter((child) => !["At", "VariableName", "PropertyName", "."].includes(child.type));
    case "FormatString":
      return children.filter((child) => child.type === "FormatReplacement");
    case "ContinuedString":
      return children.flatMap((child) => partsOf(child));
    default:
      return children;
  }
}

/** `a, b = c` as `(a, b) = c`. */
function withTuples(children: readonly PyNode[]): readonly PyNode[] {
  if (!children.some(({ type }) => type === ",")) return children;
  const parts: PyNode[] = [];
  let segment: PyNode[] = [];
  const close = (): void => {
    if (segment.some(({ type }) => type === ",")) {
      const [first, last] = [segment[0]!, segment.at(-1)!];
      parts.push({ type: "TupleExpression", from: first.from, to: last.to, children: segment });
    } else parts.push(...segment);
    segment = [];
  };
  for (const child of children) {
    if (SEPARATORS.has(child.type)) {
      close();
      parts.push(child);
    } else segment.push(child);
  }
  close();
  return parts;
}

/** Text that stands alone as a statement: a docstring, or a comment in its form. */
export function isDocstring(node: PyNode, source: string): boolean {
  const [only] = node.children;
  return (
    node.type === "ExpressionStatement" &&
    node.children.length === 1 &&
    isString(only!) &&
    plainText(only, source) !== undefined
  );
}

/** The parameters before a lone `/`, by the place of the child that stands before it. */
export function slashAfter(list: PyNode, source: string): number | undefined {
  const at = list.children.findIndex((child, i) => {
    const next = list.children[i + 1];
    return (
      child.type === "," &&
      next !== undefined &&
      source
        .slice(child.to, next.from)
        .replace(/#[^\n]*/g, "")
        .includes("/")
    );
  });
  return at < 0 ? undefined : at;
}

/** The statements of a function or a class. */
export function bodyOf(definition: PyNode): readonly PyNode[] {
  const body = childOf(definition, "Body");
  if (!body) return [];
  return body.children
    .filter((child, i) => i > 0 || child.type !== ":")
    .flatMap((child) => (child.type === "StatementGroup" ? partsOf(child) : [child]));
}

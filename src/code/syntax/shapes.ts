import type { Node } from "oxc-parser";

/**
 * What a child of a node is to the scopes:
 * - `value`: evaluated; an identifier there is a reference
 * - `bind`: declares names
 * - `assign`: what is assigned to
 * - `same`: whatever its parent is (patterns are used to declare and to assign)
 * - `key`: a name, unless the node is `computed`
 * - `name`: a name only (a label, a member after a dot)
 */
export type Role = "value" | "bind" | "assign" | "same" | "key" | "name";

/** What a node type is made of, as far as it means something at run time. */
export interface Shape {
  /** Child fields in the order of evaluation. */
  readonly children: readonly (readonly [field: string, role: Role])[];
  /** Fields that are part of the meaning: operators, flags. */
  readonly scalars: readonly string[];
}

const MARKS: Record<string, Role> = { "!": "bind", ">": "assign", "@": "same", "?": "key", ".": "name" };

function shape(text: string): Shape {
  const children: [string, Role][] = [];
  const scalars: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    if (word.startsWith("=")) scalars.push(word.slice(1));
    else {
      const role = MARKS[word.at(-1)!];
      children.push(role === undefined ? [word, "value"] : [word.slice(0, -1), role]);
    }
  }
  return { children, scalars };
}

/**
 * The fields of every node type, ours and not the parser's visitor keys, because what is left out
 * here is what an edit may change without a consequence: types, modifiers, positions.
 *
 * `=field` is a scalar; `field!` binds, `field>` is assigned to, `field@` is what its parent is,
 * `field?` is a key, `field.` a name.
 */
const TABLE: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries({
    AccessorProperty: "=static =computed decorators key? value",
    ArrayExpression: "elements",
    ArrayPattern: "elements@",
    ArrowFunctionExpression: "=async =expression params! body",
    AssignmentExpression: "=operator left> right",
    AssignmentPattern: "left@ right",
    AwaitExpression: "argument",
    BinaryExpression: "=operator left right",
    BlockStatement: "body",
    BreakStatement: "label.",
    CallExpression: "=optional callee arguments",
    CatchClause: "param! body",
    ChainExpression: "expression",
    ClassBody: "body",
    ClassDeclaration: "decorators id! superClass body",
    ClassExpression: "decorators id! superClass body",
    ConditionalExpression: "test consequent alternate",
    ContinueStatement: "label.",
    DebuggerStatement: "",
    Decorator: "expression",
    DoWhileStatement: "body test",
    ExportDefaultDeclaration: "declaration",
    ExportNamedDeclaration: "declaration specifiers",
    ExportSpecifier: "local",
    ExpressionStatement: "=directive expression",
    ForInStatement: "left> right body",
    ForOfStatement: "=await left> right body",
    ForStatement: "init test update body",
    FunctionDeclaration: "=async =generator id! params! body",
    FunctionExpression: "=async =generator id! params! body",
    Identifier: "decorators",
    IfStatement: "test consequent alternate",
    ImportExpression: "=phase source options",
    LabeledStatement: "label. body",
    Literal: "",
    LogicalExpression: "=operator left right",
    MemberExpression: "=optional =computed object property?",
    MetaProperty: "meta. property.",
    MethodDefinition: "=kind =static =computed decorators key? value",
    NewExpression: "callee arguments",
    ObjectExpression: "properties",
    ObjectPattern: "properties@",
    PrivateIdentifier: "=name",
    Program: "body",
    Property: "=kind =method =computed key? value@",
    PropertyDefinition: "=static =computed decorators key? value",
    RestElement: "decorators argument@",
    ReturnStatement: "argument",
    SequenceExpression: "expressions",
    SpreadElement: "argument",
    StaticBlock: "body",
    Super: "",
    SwitchCase: "test consequent",
    SwitchStatement: "discriminant cases",
    TaggedTemplateExpression: "tag quasi",
    TemplateElement: "",
    TemplateLiteral: "quasis expressions",
    ThisExpression: "",
    ThrowStatement: "argument",
    TryStatement: "block handler finalizer",
    TSEnumBody: "members",
    TSEnumDeclaration: "id! body",
    TSEnumMember: "id. initializer",
    TSModuleBlock: "body",
    TSModuleDeclaration: "id! body",
    TSParameterProperty: "decorators parameter@",
    UnaryExpression: "=operator argument",
    UpdateExpression: "=operator =prefix argument>",
    VariableDeclaration: "=kind declarations",
    VariableDeclarator: "id! init",
    WhileStatement: "test body",
    YieldExpression: "=delegate argument",
  }).map(([type, text]) => [type, shape(text)]),
);

/** Nodes that stand for the expression inside them. */
const TRANSPARENT = new Set([
  "ParenthesizedExpression",
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

/** Nodes without `TS` in front that mean nothing at run time, or are read from the module's tables. */
const SILENT = new Set(["EmptyStatement", "ExportAllDeclaration", "Hashbang", "ImportDeclaration"]);

/** A field of a node, by its name: the one place where the tree is read without its types. */
export function field(node: Node, name: string): unknown {
  return (node as unknown as Readonly<Record<string, unknown>>)[name];
}

/** Is it a node of the tree? */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** The expression itself, without the parentheses, casts and assertions around it. */
export function unwrap(node: Node): Node {
  let inner = node;
  while (TRANSPARENT.has(inner.type)) {
    const next = field(inner, "expression");
    if (!isNode(next)) break;
    inner = next;
  }
  return inner;
}

/** Does nothing of it exist at run time? */
export function isErased(node: Node): boolean {
  const known = TABLE[node.type];
  if (known === undefined) return SILENT.has(node.type) || (node.type.startsWith("TS") && !TRANSPARENT.has(node.type));
  if (field(node, "declare") === true) return true;
  switch (node.type) {
    case "Identifier":
      return node.name === "this"; // the `this` parameter of a function
    case "MethodDefinition":
      return node.value.body === null; // an overload
    case "TSModuleDeclaration":
      return node.kind === "global" || node.body === null;
    case "ExportNamedDeclaration":
      return node.exportKind === "type" || node.source !== null;
    case "ExportSpecifier":
      return node.exportKind === "type";
    default:
      return false;
  }
}

/** The shape of a node's type; undefined for syntax that has no meaning we know (JSX, `with`). */
export function shapeOf(node: Node): Shape | undefined {
  return TABLE[node.type];
}

import type { Expression, ObjectProperty, PropertyKey } from "oxc-parser";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { unionOf } from "./combine.ts";
import { exactly, type TypeScope } from "./scope.ts";

/** A value that the source spells out. A box, because the value may be `undefined`. */
export interface Literal {
  readonly value: unknown;
}

/** An expression without parentheses and what only the type checker sees. */
export function bare(node: Expression): Expression {
  let at = node;
  for (;;) {
    switch (at.type) {
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "TSTypeAssertion":
        at = at.expression;
        break;
      default:
        return at;
    }
  }
}

/** The name of a field, where it is not computed. */
export function keyName(key: PropertyKey, computed: boolean): string | undefined {
  if (key.type === "Literal" && (typeof key.value === "string" || typeof key.value === "number"))
    return String(key.value);
  return !computed && key.type === "Identifier" ? key.name : undefined;
}

const GLOBALS: Readonly<Record<string, unknown>> = { undefined, NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY };

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "**": (a, b) => a ** b,
  "<<": (a, b) => a << b,
  "|": (a, b) => a | b,
};

function property(node: ObjectProperty, scope: TypeScope): readonly [string, unknown] | undefined {
  const name = keyName(node.key, node.computed);
  const literal = node.kind === "init" && !node.method ? readLiteral(node.value, scope) : undefined;
  return name !== undefined && literal ? [name, literal.value] : undefined;
}

function member(node: Expression, scope: TypeScope): Literal | undefined {
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return undefined;
  const key = keyName(node.property, node.computed);
  if (node.object.name === "Number") {
    const constant: unknown = Object.getOwnPropertyDescriptor(Number, key ?? "")?.value;
    return typeof constant === "number" ? { value: constant } : undefined;
  }
  const found = scope.resolveType(node.object.name);
  if (key === undefined || !found || !("node" in found) || found.node.type !== "TSEnumDeclaration") return undefined;
  const value: unknown = enumMembers(found.node.body.members, found.scope)?.get(key);
  return value === undefined ? undefined : { value };
}

/**
 * The value of an expression that is spelled out: text (templates without gaps), numbers and
 * arithmetic with them (`4 * 1024`), lists and objects of such, a date of a text, a member of an
 * enum, a constant that the scope resolves. Nothing for any other.
 */
export function readLiteral(expression: Expression, scope: TypeScope): Literal | undefined {
  const node = bare(expression);
  switch (node.type) {
    case "Literal":
      return "regex" in node ? undefined : { value: node.value };
    case "TemplateLiteral":
      return node.expressions.length === 0 ? { value: node.quasis[0]?.value.cooked ?? "" } : undefined;
    case "UnaryExpression": {
      const value: unknown = readLiteral(node.argument, scope)?.value;
      if (node.operator === "-" && typeof value === "number") return { value: -value };
      if (node.operator === "-" && typeof value === "bigint") return { value: -value };
      if (node.operator === "+" && typeof value === "number") return { value };
      if (node.operator === "!" && typeof value === "boolean") return { value: !value };
      return node.operator === "void" ? { value: undefined } : undefined;
    }
    case "BinaryExpression": {
      const compute = ARITHMETIC[node.operator];
      if (!compute || node.left.type === "PrivateIdentifier") return undefined;
      const a: unknown = readLiteral(node.left, scope)?.value;
      const b: unknown = readLiteral(node.right, scope)?.value;
      return typeof a === "number" && typeof b === "number" ? { value: compute(a, b) } : undefined;
    }
    case "ArrayExpression": {
      const items: unknown[] = [];
      for (const element of node.elements) {
        const item = element && element.type !== "SpreadElement" ? readLiteral(element, scope) : undefined;
        if (!item) return undefined;
        items.push(item.value);
      }
      return { value: items };
    }
    case "ObjectExpression": {
      const entries: (readonly [string, unknown])[] = [];
      for (const part of node.properties) {
        const entry: readonly [string, unknown] | undefined =
          part.type === "Property" ? property(part, scope) : undefined;
        if (!entry) return undefined;
        entries.push(entry);
      }
      return { value: Object.fromEntries(entries) };
    }
    case "NewExpression": {
      const [first] = node.arguments;
      const text = first && first.type !== "SpreadElement" ? readLiteral(first, scope)?.value : undefined;
      const isDate = node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 1;
      const date = isDate && typeof text === "string" ? new Date(text) : undefined;
      return date && !Number.isNaN(date.getTime()) ? { value: date } : undefined;
    }
    case "Identifier": {
      if (Object.hasOwn(GLOBALS, node.name)) return { value: GLOBALS[node.name] };
      const found = scope.resolveValue?.(node.name);
      // A constant whose value is a constant is read no further than it is written: no circles.
      return found && bare(found.node).type !== "Identifier" ? readLiteral(found.node, found.scope) : undefined;
    }
    default:
      return member(node, scope);
  }
}

/** An enum's members with their values, in order; nothing when one is computed. */
export function enumMembers(
  members: readonly {
    readonly id: Expression | { readonly type: "Identifier"; readonly name: string };
    readonly initializer: Expression | null;
  }[],
  scope: TypeScope,
): Map<string, string | number> | undefined {
  const values = new Map<string, string | number>();
  let next: number | undefined = 0;
  for (const { id, initializer } of members) {
    const name = id.type === "Identifier" ? id.name : String(readLiteral(id, scope)?.value);
    const value: unknown = initializer ? readLiteral(initializer, scope)?.value : next;
    if (typeof value !== "string" && typeof value !== "number") return undefined;
    values.set(name, value);
    next = typeof value === "number" ? value + 1 : undefined;
  }
  return values;
}

/**
 * The type of a value: what TypeScript would infer for a variable with it, or, with `exact`, for
 * a constant (`as const`).
 */
export function typeOfValue(value: unknown, exact = false): ParameterType {
  switch (typeof value) {
    case "string":
      return exact ? { kind: "enum", values: [value] } : { kind: "string" };
    case "number":
      return exact ? { kind: "enum", values: [value] } : { kind: "number" };
    case "boolean":
      return { kind: "boolean" };
    case "bigint":
      return { kind: "bigint" };
    default:
  }
  if (value instanceof Date) return { kind: "date" };
  if (Array.isArray(value)) {
    const items = value.map((item) => typeOfValue(item, exact));
    if (exact) return { kind: "tuple", of: items };
    return {
      kind: "array",
      of: items.length > 0 ? unionOf(items.map(exactly)).type : { kind: "json", text: "unknown" },
    };
  }
  if (value !== null && typeof value === "object") {
    const fields = Object.entries(value).map(([name, part]): Parameter => ({
      name,
      type: typeOfValue(part, exact),
      optional: false,
      doc: "",
    }));
    return { kind: "object", fields };
  }
  return exact && value === null ? { kind: "null" } : { kind: "json", text: "unknown" };
}

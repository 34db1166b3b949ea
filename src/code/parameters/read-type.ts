import type {
  Node,
  TSInterfaceHeritage,
  TSTupleElement,
  TSTupleType,
  TSType,
  TSTypeParameterDeclaration,
  TSTypeQuery,
} from "oxc-parser";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { indexType, intersectionOf, unionOf } from "./combine.ts";
import { bare, enumMembers, readLiteral, typeOfValue } from "./literals.ts";
import { readInterface, readMapped, readMembers } from "./members.ts";
import { asJson, type Binding, exactly, type ReadType, type TypeEnv, type TypeScope } from "./scope.ts";
import { readUtility } from "./utility-types.ts";

/** How many type parameters may be open at once. */
const DEEPEST = 100;

/** A type's name as text: `ns.Sample`. Nothing for `this` and calls. */
function nameOf(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "TSQualifiedName") {
    const left = nameOf(node.left);
    return left === undefined ? undefined : `${left}.${node.right.name}`;
  }
  if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier") {
    const left = nameOf(node.object);
    return left === undefined ? undefined : `${left}.${node.property.name}`;
  }
  return undefined;
}

/** What the type parameters of a declaration stand for, given arguments. */
function bind(
  declared: TSTypeParameterDeclaration | null | undefined,
  args: readonly TSType[],
  inner: TypeEnv,
  outer: TypeEnv,
): TypeEnv {
  if (!declared || declared.params.length === 0) return inner;
  const bindings = new Map<string, Binding>();
  const env: TypeEnv = { ...inner, bindings };
  for (const [i, param] of declared.params.entries()) {
    const arg = args[i];
    const fallback = param.default ?? param.constraint;
    bindings.set(param.name.name, arg ? { node: arg, env: outer } : fallback ? { node: fallback, env } : undefined);
  }
  return env;
}

/** A place to read types in, with the type parameters of a function reduced to their constraints. */
export function typeEnv(scope: TypeScope, declared?: TSTypeParameterDeclaration | null): TypeEnv {
  // A generated declaration with thousands of mutually recursive types is opened so far, no further.
  const env: TypeEnv = { scope, bindings: new Map(), above: [], opened: [], budget: { left: 2000 } };
  return bind(declared, [], env, env);
}

function readDeclaration(node: Node, scope: TypeScope, args: readonly TSType[], outer: TypeEnv): ReadType | undefined {
  if (outer.above.includes(node) || outer.budget.left-- <= 0) return undefined;
  const inner: TypeEnv = { ...outer, scope, bindings: new Map(), above: [...outer.above, node] };
  switch (node.type) {
    case "TSTypeAliasDeclaration":
      return readType(node.typeAnnotation, bind(node.typeParameters, args, inner, outer));
    case "TSInterfaceDeclaration": {
      const env = bind(node.typeParameters, args, inner, outer);
      return readInterface(node, env, readType, (parent) => readHeritage(parent, env));
    }
    case "TSEnumDeclaration": {
      const members = enumMembers(node.body.members, scope);
      return members && exactly({ kind: "enum", values: [...new Set(members.values())] });
    }
    // Ligase's own classes, where the project is a checkout of it.
    case "ClassDeclaration":
      return node.id?.name === "File" || node.id?.name === "Output"
        ? exactly({ kind: "file" })
        : node.id?.name === "Dir"
          ? exactly({ kind: "dir" })
          : undefined;
    default:
      return undefined;
  }
}

/** The enum's member that `Mode.Fast` names. */
function readEnumMember(name: string, env: TypeEnv): ReadType | undefined {
  const dot = name.lastIndexOf(".");
  const found = dot > 0 ? env.scope.resolveType(name.slice(0, dot)) : undefined;
  if (!found || !("node" in found) || found.node.type !== "TSEnumDeclaration") return undefined;
  const value = enumMembers(found.node.body.members, found.scope)?.get(name.slice(dot + 1));
  return value === undefined ? undefined : exactly({ kind: "enum", values: [value] });
}

function readName(name: string, args: readonly TSType[], env: TypeEnv): ReadType | undefined {
  if (env.bindings.has(name)) {
    const bound = env.bindings.get(name);
    if (!bound || "type" in bound) return bound;
    if (env.opened.includes(bound) || env.opened.length > DEEPEST) return undefined;
    return readType(bound.node, { ...bound.env, opened: [...env.opened, bound] });
  }
  const found = env.scope.resolveType(name);
  if (found && "node" in found) return readDeclaration(found.node, found.scope, args, env);
  return readEnumMember(name, env) ?? readUtility(found?.imported ?? name, args, env, readType);
}

function readHeritage(parent: TSInterfaceHeritage, env: TypeEnv): ReadType | undefined {
  const name = nameOf(parent.expression);
  return name === undefined ? undefined : readName(name, parent.typeArguments?.params ?? [], env);
}

/** `typeof MODES`: the type of a constant, or an enum with its members' names as fields. */
function readQuery(node: TSTypeQuery, env: TypeEnv): ReadType | undefined {
  const name = node.exprName.type === "TSImportType" ? undefined : nameOf(node.exprName);
  if (name === undefined) return undefined;
  const declared = env.scope.resolveType(name);
  if (declared && "node" in declared && declared.node.type === "TSEnumDeclaration") {
    const members = enumMembers(declared.node.body.members, declared.scope);
    const fields = [...(members ?? [])].map(([member, value]): Parameter => ({
      name: member,
      type: { kind: "enum", values: [value] },
      optional: false,
      doc: "",
    }));
    return exactly({ kind: "object", fields });
  }
  const found = env.scope.resolveValue?.(name);
  if (!found) return undefined;
  const asConst =
    found.node.type === "TSAsExpression" &&
    found.scope.source.slice(found.node.expression.end, found.node.end).trim() === "as const";
  const literal = readLiteral(found.node, found.scope);
  // A constant holding text or a number is as exact as its literal.
  const scalar = ["Literal", "TemplateLiteral", "UnaryExpression"].includes(bare(found.node).type);
  return literal && exactly(typeOfValue(literal.value, asConst || scalar));
}

/** A tuple; with optional items at its end a union of tuples; with a rest of one type a list. */
function readTuple(node: TSTupleType, env: TypeEnv): ReadType | undefined {
  const items: { type: ParameterType; optional: boolean; rest: boolean }[] = [];
  for (const element of node.elementTypes) {
    let inner: TSTupleElement = element;
    let optional = false;
    let rest = false;
    while (inner.type === "TSNamedTupleMember" || inner.type === "TSOptionalType" || inner.type === "TSRestType") {
      optional ||= inner.type === "TSOptionalType" || (inner.type === "TSNamedTupleMember" && inner.optional);
      rest ||= inner.type === "TSRestType";
      inner = inner.type === "TSNamedTupleMember" ? inner.elementType : inner.typeAnnotation;
    }
    const read = readType(inner, env).type;
    if (rest && read.kind !== "array") return undefined;
    items.push({ type: rest && read.kind === "array" ? read.of : read, optional, rest });
  }
  if (items.some((item) => item.rest)) {
    const of = unionOf(items.map((item) => exactly(item.type))).type;
    // `[string, ...string[]]` is given as a list; one of several types is too rich.
    return of.kind === "union" ? undefined : exactly({ kind: "array", of });
  }
  const required = items.filter((item) => !item.optional).length;
  const lengths = Array.from({ length: items.length - required + 1 }, (_, i) => items.length - i);
  return unionOf(
    lengths.map((length) => exactly({ kind: "tuple", of: items.slice(0, length).map((item) => item.type) })),
  );
}

function readKeys(of: TSType, env: TypeEnv): ReadType | undefined {
  const { type } = readType(of, env);
  if (type.kind === "record") return exactly({ kind: "string" });
  if (type.kind !== "object" || type.fields.length === 0) return undefined;
  return exactly({ kind: "enum", values: type.fields.map((field) => field.name) });
}

function attempt(node: TSType, env: TypeEnv): ReadType | undefined {
  switch (node.type) {
    case "TSStringKeyword":
    case "TSTemplateLiteralType":
      return exactly({ kind: "string" });
    case "TSNumberKeyword":
      return exactly({ kind: "number" });
    case "TSBooleanKeyword":
      return exactly({ kind: "boolean" });
    case "TSBigIntKeyword":
      return exactly({ kind: "bigint" });
    case "TSNullKeyword":
      return exactly({ kind: "null" });
    case "TSUndefinedKeyword":
    case "TSVoidKeyword":
      return { type: { kind: "union", of: [] }, optional: true };
    case "TSParenthesizedType":
      return readType(node.typeAnnotation, env);
    case "TSLiteralType": {
      const literal = readLiteral(node.literal, env.scope);
      return literal && exactly(typeOfValue(literal.value, true));
    }
    case "TSArrayType":
      return exactly({ kind: "array", of: readType(node.elementType, env).type });
    case "TSTupleType":
      return readTuple(node, env);
    case "TSTypeLiteral":
      return node.members.length > 0 ? readMembers(node, env, readType) : undefined;
    case "TSMappedType":
      return readMapped(node, env, readType);
    case "TSUnionType":
      return unionOf(node.types.map((part) => readType(part, env)));
    case "TSIntersectionType":
      return intersectionOf(node.types.map((part) => readType(part, env)));
    case "TSTypeOperator":
      if (node.operator === "readonly") return readType(node.typeAnnotation, env);
      return node.operator === "keyof" ? readKeys(node.typeAnnotation, env) : undefined;
    case "TSIndexedAccessType":
      return indexType(readType(node.objectType, env).type, readType(node.indexType, env).type);
    case "TSTypeQuery":
      return readQuery(node, env);
    case "TSTypeReference": {
      const name = nameOf(node.typeName);
      return name === undefined ? undefined : readName(name, node.typeArguments?.params ?? [], env);
    }
    default:
      return undefined;
  }
}

/**
 * Reads a type as far as flags can say it. What they cannot say (a function, a conditional type, a
 * class, a recursion) is `json` with its text.
 */
export function readType(node: TSType, env: TypeEnv): ReadType {
  return attempt(node, env) ?? asJson(node, env);
}

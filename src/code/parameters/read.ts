import type {
  ArrowFunctionExpression,
  BindingPattern,
  Expression,
  Function as FunctionNode,
  ObjectPattern,
  ParamPattern,
  TSTypeAnnotation,
} from "oxc-parser";
import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { type DocComment, itemDocs, readDoc } from "./docs.ts";
import { keyName, readLiteral, typeOfValue } from "./literals.ts";
import { readType, typeEnv } from "./read-type.ts";
import type { ReadType, TypeEnv, TypeScope } from "./scope.ts";

/** A task's function and the module it stands in. */
export interface ParameterSource extends TypeScope {
  /** The function that is the task's body. */
  readonly fn: FunctionNode | ArrowFunctionExpression;
  /** The doc comment of the task, as it stands in the source or without slashes and stars. */
  readonly docComment: string | undefined;
}

const UNKNOWN: ParameterType = { kind: "json", text: "unknown" };

/** A type with, where there is no annotation, what the default says. */
function annotated(
  annotation: TSTypeAnnotation | null | undefined,
  fallback: Expression | undefined,
  env: TypeEnv,
): ReadType {
  if (annotation) return readType(annotation.typeAnnotation, env);
  if (!fallback) return { type: UNKNOWN, optional: false };
  const literal = readLiteral(fallback, env.scope);
  // `reads = [] as File[]`
  if (
    fallback.type === "TSAsExpression" &&
    !/\bas\s+const$/.test(env.scope.source.slice(fallback.start, fallback.end))
  ) {
    return readType(fallback.typeAnnotation, env);
  }
  return { type: literal ? typeOfValue(literal.value) : UNKNOWN, optional: false };
}

/** The default of a parameter or field, where it is a literal. */
function withDefault<T extends Parameter>(parameter: T, fallback: Expression | undefined, env: TypeEnv): T {
  if (!fallback) return parameter;
  const literal = readLiteral(fallback, env.scope);
  const value = literal?.value === undefined ? {} : { default: literal.value };
  return { ...parameter, ...value, optional: true };
}

function assigned(pattern: BindingPattern): { target: BindingPattern; fallback: Expression | undefined } {
  return pattern.type === "AssignmentPattern"
    ? { target: pattern.left, fallback: pattern.right }
    : { target: pattern, fallback: undefined };
}

/** The fields of a destructured object: those of its type, with the defaults of the pattern. */
function destructured(pattern: ObjectPattern, declared: ParameterType, env: TypeEnv): ParameterType {
  if (declared.kind !== "object" && declared.kind !== "json") return declared;
  const gathers = pattern.properties.some((property) => property.type === "RestElement");
  if (declared.kind === "json" && gathers) return declared;
  const fields = new Map(declared.kind === "object" ? declared.fields.map((field) => [field.name, field]) : []);
  const items = pattern.properties.filter((property) => property.type === "Property");
  const docs = itemDocs(env.scope, pattern.start, items, pattern.end);
  for (const [i, property] of items.entries()) {
    const name = keyName(property.key, property.computed);
    if (name === undefined) continue;
    const { target, fallback } = assigned(property.value);
    const before = fields.get(name) ?? { name, ...annotated(undefined, fallback, env), doc: "" };
    const type = target.type === "ObjectPattern" ? destructured(target, before.type, env) : before.type;
    fields.set(name, withDefault({ ...before, type, doc: before.doc || docs[i]! }, fallback, env));
  }
  return { kind: "object", fields: [...fields.values()] };
}

/** Puts what `@param sample.id - …` says on the fields. */
function withFieldDocs(type: ParameterType, path: string, docs: DocComment): ParameterType {
  if (type.kind === "array") return { kind: "array", of: withFieldDocs(type.of, path, docs) };
  if (type.kind !== "object") return type;
  const fields = type.fields.map((field) => {
    const at = `${path}.${field.name}`;
    return { ...field, type: withFieldDocs(field.type, at, docs), doc: docs.params.get(at) ?? field.doc };
  });
  return { kind: "object", fields };
}

/** A name for a parameter that has none: what `@param` calls the one in its place, or `options`. */
function inventName(index: number, taken: ReadonlySet<string>, docs: DocComment, plain: string): string {
  const documented = [...docs.params.keys()].filter((name) => !name.includes("."))[index];
  if (documented !== undefined && !taken.has(documented)) return documented;
  let name = plain;
  for (let n = 2; taken.has(name); n++) name = `${plain}${n}`;
  return name;
}

function readOne(
  param: ParamPattern,
  doc: string,
  name: (plain: string) => string,
  docs: DocComment,
  env: TypeEnv,
): Parameter {
  const rest = param.type === "RestElement";
  const pattern = param.type === "TSParameterProperty" ? param.parameter : rest ? param.argument : param;
  const { target, fallback } = assigned(pattern);
  // The annotation of `...reads: File[]` stands on the rest element.
  const annotation = (rest ? param.typeAnnotation : undefined) ?? target.typeAnnotation;
  const read = annotated(annotation, fallback, env);
  const spread = target.type === "ObjectPattern";
  const named = target.type === "Identifier" ? target.name : name(spread ? "options" : "values");
  let type = spread ? destructured(target, read.type, env) : read.type;
  if (rest && type.kind !== "array") type = { kind: "array", of: UNKNOWN };
  const parameter: Parameter = {
    name: named,
    type: withFieldDocs(type, named, docs),
    optional: rest || read.optional || (target.type === "Identifier" && Boolean(target.optional)),
    doc: docs.params.get(named) ?? doc,
    ...(rest && { rest }),
    ...(spread && type.kind === "object" && { spread }),
  };
  return withDefault(parameter, fallback, env);
}

/**
 * Reads the parameters of a task from its source: names, types, defaults and docs.
 *
 * A destructured object is one parameter whose fields stand for it (`spread`); its name is what
 * `@param` calls it, or `options`. Docs come from `@param`, from comments before a parameter or
 * behind it on its line, and from comments on the fields of its type.
 *
 * @example
 * ```ts
 * // (reads: File, { k = 31 }: { k?: number } = {}) => …
 * readParameters({ ...scope, fn, docComment });
 * // [{ name: "reads", type: { kind: "file" }, … }, { name: "options", spread: true, … }]
 * ```
 */
export function readParameters(input: ParameterSource): Parameter[] {
  const { fn } = input;
  const env = typeEnv(input, fn.typeParameters);
  const docs = readDoc(input.docComment);
  const params = fn.params.filter((param) => !(param.type === "Identifier" && param.name === "this"));
  const close = fn.returnType?.start ?? fn.body?.start ?? fn.end;
  const comments = itemDocs(input, fn.start, params, close);
  const taken = new Set<string>();
  for (const param of params) {
    const pattern =
      param.type === "TSParameterProperty" ? param.parameter : param.type === "RestElement" ? param.argument : param;
    const { target } = assigned(pattern);
    if (target.type === "Identifier") taken.add(target.name);
  }
  return params.map((param, i) => {
    const name = (plain: string): string => {
      const invented = inventName(i, taken, docs, plain);
      taken.add(invented);
      return invented;
    };
    return readOne(param, comments[i]!, name, docs, env);
  });
}

import type { TSInterfaceDeclaration, TSMappedType, TSSignature, TSType } from "oxc-parser";
import type { Parameter } from "../../expr/definition.ts";
import { keysOf, mergeFields } from "./combine.ts";
import { itemDocs } from "./docs.ts";
import { keyName } from "./literals.ts";
import { asJson, exactly, type ReadType, type TypeEnv, type TypeReader } from "./scope.ts";

/** One member of an interface or a type literal. Nothing when flags cannot say it. */
function readMember(member: TSSignature, doc: string, env: TypeEnv, read: TypeReader): Parameter | undefined {
  if (member.type !== "TSPropertySignature" && member.type !== "TSMethodSignature") return undefined;
  const name = keyName(member.key, member.computed);
  if (name === undefined) return undefined;
  if (member.type === "TSMethodSignature")
    return { name, type: asJson(member, env).type, optional: member.optional, doc };
  const { type, optional } = member.typeAnnotation
    ? read(member.typeAnnotation.typeAnnotation, env)
    : exactly({ kind: "json", text: "any" });
  return { name, type, optional: optional || member.optional, doc };
}

/**
 * The members of an interface or a type literal: an object; or, where all it has is an index
 * signature, a record. Nothing when it is both, or has members that are no fields.
 */
export function readMembers(
  body: { readonly start: number; readonly end: number; readonly members: readonly TSSignature[] },
  env: TypeEnv,
  read: TypeReader,
): ReadType | undefined {
  const [first] = body.members;
  if (first?.type === "TSIndexSignature" && body.members.length === 1) {
    return exactly({ kind: "record", of: read(first.typeAnnotation.typeAnnotation, env).type });
  }
  const docs = itemDocs(env.scope, body.start, body.members, body.end);
  const fields: Parameter[] = [];
  for (const [i, member] of body.members.entries()) {
    const field = readMember(member, docs[i]!, env, read);
    if (!field) return undefined;
    fields.push(field);
  }
  return exactly({ kind: "object", fields });
}

/** An interface with what it extends. Nothing when that is not known. */
export function readInterface(
  node: TSInterfaceDeclaration,
  env: TypeEnv,
  read: TypeReader,
  heritage: (name: TSInterfaceDeclaration["extends"][number]) => ReadType | undefined,
): ReadType | undefined {
  const own = readMembers({ start: node.body.start, end: node.body.end, members: node.body.body }, env, read);
  if (node.extends.length === 0 || !own) return own;
  let fields: readonly Parameter[] = [];
  for (const parent of node.extends) {
    const type = heritage(parent)?.type;
    // `interface Labels extends Record<string, string> {}` is a record.
    if (type?.kind === "record" && own.type.kind === "object" && own.type.fields.length === 0) return exactly(type);
    if (type?.kind !== "object") return undefined;
    fields = mergeFields(fields, type.fields);
  }
  return own.type.kind === "object"
    ? exactly({ kind: "object", fields: mergeFields(fields, own.type.fields) })
    : undefined;
}

/** `keyof T`, and the fields of `T` whose optionality and docs a mapped type over them keeps. */
function mappedOver(constraint: TSType, env: TypeEnv, read: TypeReader): readonly Parameter[] {
  if (constraint.type !== "TSTypeOperator" || constraint.operator !== "keyof") return [];
  const { type } = read(constraint.typeAnnotation, env);
  return type.kind === "object" ? type.fields : [];
}

/** `{ [K in Keys]: Type }`. Nothing when it is too rich. */
export function readMapped(node: TSMappedType, env: TypeEnv, read: TypeReader): ReadType | undefined {
  if (node.nameType || !node.typeAnnotation) return undefined;
  const keys = read(node.constraint, env).type;
  const value = node.typeAnnotation;
  const valueFor = (key: ReadType): ReadType =>
    read(value, { ...env, bindings: new Map([...env.bindings, [node.key.name, key]]) });
  if (keys.kind === "string" || keys.kind === "number")
    return exactly({ kind: "record", of: valueFor(exactly(keys)).type });
  const over = mappedOver(node.constraint, env, read);
  const fields = keysOf(keys)?.map((name): Parameter => {
    const before = over.find((field) => field.name === name);
    const { type, optional } = valueFor(exactly({ kind: "enum", values: [name] }));
    const kept = before?.optional === true || optional;
    const mayLack = node.optional === "-" ? false : node.optional !== false || kept;
    return { name, type, optional: mayLack, doc: before?.doc ?? "" };
  });
  return fields && exactly({ kind: "object", fields });
}

import type { Parameter, ParameterType } from "../../expr/definition.ts";
import { isFloat, literalValue, plainText } from "./literals.ts";
import { type PyModule, type PyUnit, undecorated } from "./module.ts";
import { bodyOf } from "./parts.ts";
import { decoratorChain } from "./facts.ts";
import type { PythonSources } from "./source-tree.ts";
import { decoratorsOf } from "./task-functions.ts";
import { type Chain, chainOf, chainText, childOf, parsePython, type PyNode } from "./tree.ts";

/** Where an annotation stands, so that its names can be found. */
interface Place {
  readonly sources: PythonSources;
  readonly module: PyModule;
  /** The text that its nodes are of: the module's, or what stands in quotes. */
  readonly source: string;
  /** Classes that are being read: one that holds itself is any JSON. */
  readonly open: readonly PyUnit[];
}

/** A parameter with the part of the language that is written around it. */
interface Written {
  readonly name: string;
  readonly type: PyNode | undefined;
  readonly fallback: PyNode | undefined;
  readonly star: "" | "*" | "**";
}

/** Reads the parameters of a function, in the order of its signature. */
export function readParameters(
  sources: PythonSources,
  unit: PyUnit,
  docs: ReadonlyMap<string, string>,
): readonly Parameter[] {
  const definition = unit.nodes.map(undecorated).find(({ type }) => type === "FunctionDefinition");
  const list = definition && childOf(definition, "ParamList");
  if (!list) return [];
  const { module } = unit;
  const place: Place = { sources, module, source: module.source, open: [] };
  return writtenIn(list, module.source).map(({ name, type, fallback, star }) => {
    const doc = docs.get(name) ?? "";
    const of = type
      ? typeOf(
          type.children.find((child) => child.type !== ":"),
          place,
        )
      : fromDefault(fallback, module.source);
    if (star !== "")
      return { name, type: star === "*" ? { kind: "array", of } : { kind: "record", of }, optional: true, doc };
    const literal = fallback && literalValue(fallback, module.source);
    const base = { name, type: withoutNull(of, literal?.value === null), optional: fallback !== undefined, doc };
    return literal && literal.value !== null ? { ...base, default: literal.value } : base;
  });
}

/**
 * The names of a function's parameters with the texts of their defaults, from its text alone.
 *
 * @example
 * ```ts
 * writtenParameters("def embed(chunk: str, size=3): ..."); // chunk, and size with the default 3
 * ```
 */
export function writtenParameters(
  text: string,
): readonly { readonly name: string; readonly initial: string | undefined }[] {
  const { body } = parsePython(text);
  const definition = body.map(undecorated).find(({ type }) => type === "FunctionDefinition");
  const list = definition && childOf(definition, "ParamList");
  if (!list) return [];
  return writtenIn(list, text).map(({ name, fallback }) => ({
    name,
    initial: fallback && text.slice(fallback.from, fallback.to),
  }));
}

function writtenIn(list: PyNode, source: string): Written[] {
  const found: Written[] = [];
  let star: Written["star"] = "";
  for (const [i, child] of list.children.entries()) {
    if (child.type === "*" || child.type === "**") star = child.type;
    else if (child.type === ",") star = "";
    else if (child.type === "VariableName" && list.children[i - 1]?.type !== "AssignOp") {
      const rest = list.children.slice(i + 1);
      const end = rest.findIndex(({ type }) => type === ",");
      const own = end < 0 ? rest : rest.slice(0, end);
      const at = own.findIndex(({ type }) => type === "AssignOp");
      found.push({
        name: source.slice(child.from, child.to),
        type: own.find(({ type }) => type === "TypeDef"),
        fallback: at < 0 ? undefined : own[at + 1],
        star,
      });
    }
  }
  return found;
}

const ANY: ParameterType = { kind: "json", text: "Any" };

/** What a default says of a parameter without an annotation. */
function fromDefault(fallback: PyNode | undefined, source: string): ParameterType {
  const literal = fallback && literalValue(fallback, source);
  if (!literal) return ANY;
  const { value } = literal;
  if (typeof value === "string") return { kind: "string" };
  if (typeof value === "boolean") return { kind: "boolean" };
  if (typeof value === "number")
    return { kind: Number.isInteger(value) && !isFloat(fallback, source) ? "integer" : "number" };
  return ANY;
}

/** `Optional[int] = None`: leaving it out is how people say nothing. */
function withoutNull(type: ParameterType, leftOut: boolean): ParameterType {
  if (!leftOut || type.kind !== "union") return type;
  const of = type.of.filter(({ kind }) => kind !== "null");
  return of.length === 1 ? of[0]! : { kind: "union", of };
}

const PLAIN: Readonly<Record<string, ParameterType>> = {
  str: { kind: "string" },
  "typing.Text": { kind: "string" },
  int: { kind: "integer" },
  float: { kind: "number" },
  complex: ANY,
  "numbers.Number": { kind: "number" },
  bool: { kind: "boolean" },
  None: { kind: "null" },
  "datetime.date": { kind: "date" },
  "datetime.datetime": { kind: "date" },
  "ligase.File": { kind: "file" },
  "ligase.Dir": { kind: "dir" },
  "pathlib.Path": { kind: "file" },
  "os.PathLike": { kind: "file" },
  list: { kind: "array", of: ANY },
  set: { kind: "array", of: ANY },
  tuple: { kind: "array", of: ANY },
  dict: { kind: "record", of: ANY },
};

const LISTS = new Set(
  "list set frozenset List Set FrozenSet Sequence MutableSequence Iterable Iterator Collection AbstractSet deque Deque".split(
    " ",
  ),
);
const DICTS = new Set("dict Dict Mapping MutableMapping OrderedDict defaultdict DefaultDict".split(" "));
const WRAPPERS = new Set("Annotated Final Required NotRequired ReadOnly ClassVar".split(" "));

function json(node: PyNode, { source }: Place): ParameterType {
  return { kind: "json", text: source.slice(node.from, node.to).replace(/\s+/g, " ") };
}

/** What an annotation says, as far as flags and JSON Schema can say it. */
function typeOf(node: PyNode | undefined, place: Place): ParameterType {
  if (!node) return ANY;
  switch (node.type) {
    case "None":
      return { kind: "null" };
    case "ParenthesizedExpression":
      return typeOf(node.children[1], place);
    case "BinaryExpression": {
      const [left, , right] = node.children;
      return union([typeOf(left, place), typeOf(right, place)]);
    }
    case "String":
    case "ContinuedString": {
      const text = plainText(node, place.source) ?? "";
      const [statement] = parsePython(text).body;
      if (statement?.type !== "ExpressionStatement") return json(node, place);
      return typeOf(statement.children[0], { ...place, source: text });
    }
    case "VariableName":
      return named(node, place);
    case "MemberExpression":
      return node.children.at(-1)?.type === "]" ? subscripted(node, place) : named(node, place);
    default:
      return json(node, place);
  }
}

function union(types: readonly ParameterType[]): ParameterType {
  const flat = types.flatMap((type) => (type.kind === "union" ? type.of : [type]));
  const seen = new Map(flat.map((type) => [JSON.stringify(type), type]));
  const of = [...seen.values()];
  return of.length === 1 ? of[0]! : { kind: "union", of };
}

/** A name as the module knows it, by where it comes from: `typing.List`, `datetime.date`, `list`. */
function fullName(chain: Chain, { sources, module }: Place): string {
  for (const origin of sources.originsOf(module, chain)) {
    if (origin.kind === "external") return `${origin.name}.${origin.member}`;
  }
  return chainText(chain);
}

/** The last part of a name, of what is meant by `typing`, `collections.abc` and the like. */
function shortName(name: string): string {
  return name.replace(/^(?:typing|typing_extensions|collections\.abc|collections|builtins)\./, "");
}

function named(node: PyNode, place: Place): ParameterType {
  const chain = chainOf(node, place.source);
  if (!chain) return json(node, place);
  const full = fullName(chain, place);
  const known = PLAIN[full] ?? PLAIN[shortName(full)];
  if (known) return known;
  const short = shortName(full);
  if (LISTS.has(short)) return { kind: "array", of: ANY };
  if (DICTS.has(short)) return { kind: "record", of: ANY };
  for (const origin of place.sources.originsOf(place.module, chain)) {
    if (origin.kind !== "unit" || origin.rest.length > 0 || place.open.includes(origin.unit)) continue;
    const { unit } = origin;
    const there: Place = { ...place, module: unit.module, source: unit.module.source, open: [...place.open, unit] };
    const own = unit.kind === "class" ? classType(unit, there) : aliasType(unit, there);
    if (own) return own;
  }
  return json(node, place);
}

/** `Chunks = list[str]`, `type Chunks = list[str]`, `ChunkId = NewType("ChunkId", int)`. */
function aliasType(unit: PyUnit, place: Place): ParameterType | undefined {
  const [node] = unit.nodes;
  if (node?.type === "TypeDefinition") return typeOf(node.children.at(-1), place);
  if (node?.type !== "AssignStatement") return undefined;
  const value = node.children.at(-1)!;
  if (value.type === "CallExpression") {
    const callee = chainOf(value.children[0]!, place.source);
    if (!callee || shortName(fullName(callee, place)) !== "NewType") return undefined;
    return typeOf(childOf(value, "ArgList")?.children[3], place);
  }
  const type = typeOf(value, place);
  return type.kind === "json" ? undefined : type;
}

const FIELD_CLASSES = new Set(["TypedDict", "BaseModel", "pydantic.BaseModel", "NamedTuple"]);
const ENUMS = new Set(["enum.Enum", "enum.StrEnum", "enum.IntEnum"]);

/** A class whose fields are annotated: a dataclass, a TypedDict, a model. An enum is its values. */
function classType(unit: PyUnit, place: Place): ParameterType | undefined {
  const definition = unit.nodes.map(undecorated).find(({ type }) => type === "ClassDefinition");
  if (!definition) return undefined;
  const bases = (childOf(definition, "ArgList")?.children ?? []).flatMap((base) => chainOf(base, place.source) ?? []);
  const names = bases.map((base) => shortName(fullName(base, place)));
  if (names.some((name) => ENUMS.has(name))) return enumType(definition, place);
  const decorated = unit.nodes.flatMap(decoratorsOf).some((decorator) => {
    const chain = decoratorChain(decorator, place.source);
    return chain !== undefined && ["dataclasses.dataclass", "attrs.define", "attr.s"].includes(fullName(chain, place));
  });
  if (!decorated && !names.some((name) => FIELD_CLASSES.has(name))) return undefined;
  const total = !/\btotal\s*=\s*False\b/.test(place.source.slice(definition.from, definition.to).split(":")[0]!);
  const inherited = bases.flatMap((base) => {
    const [origin] = place.sources.originsOf(place.module, base);
    if (origin?.kind !== "unit" || place.open.includes(origin.unit)) return [];
    const { module } = origin.unit;
    const type = classType(origin.unit, {
      ...place,
      module,
      source: module.source,
      open: [...place.open, origin.unit],
    });
    return type?.kind === "object" ? type.fields : [];
  });
  const own = bodyOf(definition).flatMap((statement) => fieldOf(statement, place, total) ?? []);
  const fields = new Map([...inherited, ...own].map((field) => [field.name, field]));
  return { kind: "object", fields: [...fields.values()] };
}

function fieldOf(statement: PyNode, place: Place, total: boolean): Parameter | undefined {
  if (statement.type !== "AssignStatement") return undefined;
  const [name] = statement.children;
  const annotation = childOf(statement, "TypeDef");
  if (name?.type !== "VariableName" || !annotation) return undefined;
  const type = annotation.children.find((child) => child.type !== ":");
  const written = type ? place.source.slice(type.from, type.to) : "";
  if (/^(?:\w+\.)*ClassVar\b/.test(written)) return undefined;
  const at = statement.children.findIndex((child) => child.type === "AssignOp");
  const fallback = at < 0 ? undefined : statement.children[at + 1];
  const literal = fallback && literalValue(fallback, place.source);
  const base = {
    name: place.source.slice(name.from, name.to),
    type: withoutNull(typeOf(type, place), literal?.value === null),
    optional: fallback !== undefined || !total || /\bNotRequired\b/.test(written),
    doc: "",
  };
  return literal && literal.value !== null ? { ...base, default: literal.value } : base;
}

function enumType(definition: PyNode, place: Place): ParameterType | undefined {
  const values = bodyOf(definition).flatMap((statement) => {
    if (statement.type !== "AssignStatement" || statement.children[0]?.type !== "VariableName") return [];
    const value = literalValue(statement.children.at(-1)!, place.source)?.value;
    return typeof value === "string" || typeof value === "number" ? [value] : [];
  });
  return values.length === 0 ? undefined : { kind: "enum", values };
}

/** `list[int]`, `dict[str, float]`, `Optional[str]`, `Literal["a", "b"]`. */
function subscripted(node: PyNode, place: Place): ParameterType {
  const chain = chainOf(node.children[0]!, place.source);
  if (!chain) return json(node, place);
  const name = shortName(fullName(chain, place));
  const parts = node.children.slice(2, -1).filter(({ type }) => type !== ",");
  const [first, second] = parts;
  if (WRAPPERS.has(name)) return typeOf(first, place);
  if (LISTS.has(name)) return { kind: "array", of: typeOf(first, place) };
  if (DICTS.has(name)) return { kind: "record", of: typeOf(second, place) };
  if (name === "Optional") return union([typeOf(first, place), { kind: "null" }]);
  if (name === "Union") return union(parts.map((part) => typeOf(part, place)));
  if (name === "tuple" || name === "Tuple") {
    if (second?.type === "Ellipsis") return { kind: "array", of: typeOf(first, place) };
    return { kind: "tuple", of: parts.map((part) => typeOf(part, place)) };
  }
  if (name === "Literal") return literals(parts, node, place);
  return json(node, place);
}

function literals(parts: readonly PyNode[], node: PyNode, place: Place): ParameterType {
  const values = parts.map((part) => literalValue(part, place.source)?.value);
  const choices = values.filter((value) => typeof value === "string" || typeof value === "number");
  const others: ParameterType[] = [];
  if (values.includes(null)) others.push({ kind: "null" });
  if (values.some((value) => typeof value === "boolean")) others.push({ kind: "boolean" });
  if (choices.length + others.length === 0) return json(node, place);
  return union([...(choices.length > 0 ? [{ kind: "enum" as const, values: choices }] : []), ...others]);
}

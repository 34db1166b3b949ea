import { findNamed, kebabCase, type Slot } from "../../code/parameters/index.ts";
import type { ParameterType } from "../../expr/definition.ts";

/** The flag whose value is a file with everything; before a dot it stands for "a parameter", whatever its name. */
export const PARAMS = "params";

/** What a flag names: a slot, or a part of one. */
export interface Target {
  readonly slot: Slot;
  /** The names of the parts, as in the source. */
  readonly path: readonly string[];
  readonly type: ParameterType;
}

const CONTAINERS = new Set<ParameterType["kind"]>(["array", "tuple", "object", "record", "union", "json"]);

/** Goes into a type by dotted names. */
function descend(type: ParameterType, rest: readonly string[]): { path: string[]; type: ParameterType } | undefined {
  if (rest.length === 0) return { path: [], type };
  const [name, ...below] = rest;
  switch (type.kind) {
    case "object": {
      const field = findNamed(type.fields, name!);
      const found = field && descend(field.type, below);
      return field && found && { path: [field.name, ...found.path], type: found.type };
    }
    case "record": {
      // A key may hold dots (`--label.sample.v2 x`) where nothing can come below it.
      if (!CONTAINERS.has(type.of.kind)) return { path: [rest.join(".")], type: type.of };
      const found = descend(type.of, below);
      return found && { path: [name!, ...found.path], type: found.type };
    }
    case "union":
      for (const part of type.of) {
        const found = descend(part, rest);
        if (found) return found;
      }
      return undefined;
    default:
      return undefined;
  }
}

function isReserved(slot: Slot, reserved: readonly string[]): boolean {
  const name = kebabCase(slot.name);
  return name === PARAMS || reserved.includes(name);
}

/** A name in kebab case; as it is where that would be nothing, or another's. */
function wordFor<T extends { readonly name: string }>(items: readonly T[], item: T): string {
  const word = kebabCase(item.name);
  return /^[\p{L}\p{N}]/u.test(word) && findNamed(items, word) === item ? word : item.name;
}

/** The names of parts as people type them: fields in kebab case, keys of records as they are. */
function partWords(type: ParameterType, path: readonly string[]): string[] {
  const [name, ...rest] = path;
  if (name === undefined) return [];
  if (type.kind === "union") {
    const part = type.of.find(
      (part) => part.kind === "record" || (part.kind === "object" && part.fields.some((f) => f.name === name)),
    );
    return part ? partWords(part, path) : [...path];
  }
  const field = type.kind === "object" ? type.fields.find((field) => field.name === name) : undefined;
  if (field && type.kind === "object") return [wordFor(type.fields, field), ...partWords(field.type, rest)];
  return [name, ...(type.kind === "record" ? partWords(type.of, rest) : rest)];
}

/** How the slots of a task, and the parts of them, are written on its command line. */
export class FlagNames {
  readonly slots: readonly Slot[];
  readonly reserved: readonly string[];

  constructor(slots: readonly Slot[], reserved: readonly string[] = []) {
    this.slots = slots;
    this.reserved = reserved;
  }

  /** `--sample.reads-1`; `--params.json` where `--json` is the command's own. */
  of(slot: Slot, path: readonly string[] = []): string {
    const escape = isReserved(slot, this.reserved) ? `${PARAMS}.` : "";
    return `--${escape}${[wordFor(this.slots, slot), ...partWords(slot.field.type, path)].join(".")}`;
  }

  /** `--no-trim`; `--trim=false` where the first is another's name. */
  negated(slot: Slot, path: readonly string[] = []): string {
    const name = this.of(slot, path).slice(2);
    return this.find(`no-${name}`) ? `--${name}=false` : `--no-${name}`;
  }

  /** What a flag (without its dashes) names. */
  find(flag: string): Target | undefined {
    const segments = flag.split(".");
    const escaped = segments[0] === PARAMS && segments.length > 1;
    const [first, ...rest] = escaped ? segments.slice(1) : segments;
    const slot = findNamed(this.slots, first!);
    // Under its plain name such a slot cannot be reached: the command takes the flag for its own.
    if (!slot || (!escaped && isReserved(slot, this.reserved))) return undefined;
    const found = descend(slot.field.type, rest);
    return found && { slot, path: found.path, type: found.type };
  }

  /** Every flag there is, with the slot it belongs to: for suggestions. */
  all(): Map<string, Slot | undefined> {
    const flags = new Map<string, Slot | undefined>(this.reserved.map((name) => [`--${name}`, undefined]));
    flags.set(`--${PARAMS}`, undefined);
    const add = (slot: Slot, path: readonly string[], type: ParameterType): void => {
      flags.set(this.of(slot, path), slot);
      if (hasKind(type, "boolean")) flags.set(this.negated(slot, path), slot);
      for (const object of type.kind === "union" ? type.of : [type]) {
        if (object.kind === "object") for (const field of object.fields) add(slot, [...path, field.name], field.type);
      }
    };
    for (const slot of this.slots) add(slot, [], slot.field.type);
    return flags;
  }
}

/** Is a type of a kind, or a union with one that is? */
export function hasKind(type: ParameterType, kind: ParameterType["kind"]): boolean {
  return type.kind === kind || (type.kind === "union" && type.of.some((part) => hasKind(part, kind)));
}

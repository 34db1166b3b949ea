import type { Parameter } from "../../expr/definition.ts";

/** A name that people can give a value for: a parameter, or a field of one that has no name. */
export interface Slot {
  readonly name: string;
  readonly field: Parameter;
  /** Of the parameter that it is, or is a field of. */
  readonly index: number;
  /** Is it a field of a parameter that its fields stand for? */
  readonly within: boolean;
}

/** The fields that stand for a parameter. A whole that may be left out, but has parts that may not, is given as a whole. */
function spreadFields(parameter: Parameter): readonly Parameter[] {
  if (!parameter.spread || parameter.type.kind !== "object") return [];
  const { fields } = parameter.type;
  return parameter.optional && fields.some((field) => !field.optional) ? [] : fields;
}

/** The slots of a parameter list, in order. Fields whose names are taken stay inside their parameter. */
export function slotsOf(parameters: readonly Parameter[]): Slot[] {
  const count = new Map<string, number>();
  for (const parameter of parameters) {
    const fields = spreadFields(parameter);
    for (const { name } of fields.length > 0 ? fields : [parameter]) count.set(name, (count.get(name) ?? 0) + 1);
  }
  return parameters.flatMap((parameter, index): Slot[] => {
    const fields = spreadFields(parameter);
    if (fields.length === 0 || fields.some((field) => count.get(field.name)! > 1)) {
      return [{ name: parameter.name, field: parameter, index, within: false }];
    }
    return fields.map((field) => ({ name: field.name, field, index, within: true }));
  });
}

/**
 * Puts the values of slots together as arguments, in the order of the parameters. What was not
 * given is left out, so that the function's own defaults hold and a call from the command line is
 * the same call as one from code.
 */
export function argumentsOf(parameters: readonly Parameter[], values: ReadonlyMap<Slot, unknown>): unknown[] {
  const args: unknown[] = parameters.map(() => undefined);
  const parts = new Map<number, [string, unknown][]>();
  for (const [slot, value] of values) {
    if (value === undefined) continue;
    if (!slot.within) args[slot.index] = value;
    else parts.set(slot.index, [...(parts.get(slot.index) ?? []), [slot.name, value]]);
  }
  for (const [index, parameter] of parameters.entries()) {
    const part = parts.get(index);
    if (part) args[index] = Object.fromEntries(part);
    else if (args[index] === undefined && parameter.spread && !parameter.optional) args[index] = {};
  }
  const last = parameters.at(-1);
  if (last?.rest) {
    const rest = args.pop();
    if (Array.isArray(rest) && rest.length > 0) return [...args, ...(rest as unknown[])];
  }
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  return args;
}

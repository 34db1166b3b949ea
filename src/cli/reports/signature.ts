import { inspect } from "node:util";
import type { Parameter, ParameterType } from "../../expr/definition.ts";

/**
 * The parameters of a task in a line, as people would write them.
 *
 * @example
 * ```ts
 * signature(parameters); // "(reads: File[], minDepth: integer = 10, trim?: boolean)"
 * ```
 */
export function signature(parameters: readonly Parameter[]): string {
  return `(${parameters.map(parameterText).join(", ")})`;
}

function parameterText({ name, type, optional, default: value, rest, spread }: Parameter): string {
  if (spread && type.kind === "object") return `{ ${type.fields.map(parameterText).join(", ")} }`;
  const dots = rest ? "..." : "";
  if (value !== undefined) return `${dots}${name}: ${typeName(type)} = ${inspect(value, { breakLength: Infinity })}`;
  return `${dots}${name}${optional && !rest ? "?" : ""}: ${typeName(type)}`;
}

/** A type as TypeScript writes it, whole numbers as `integer`. */
function typeName(type: ParameterType): string {
  switch (type.kind) {
    case "file":
      return "File";
    case "dir":
      return "Dir";
    case "date":
      return "Date";
    case "enum":
      return type.values.map((value) => JSON.stringify(value)).join(" | ");
    case "array":
      return type.of.kind === "enum" || type.of.kind === "union"
        ? `(${typeName(type.of)})[]`
        : `${typeName(type.of)}[]`;
    case "tuple":
      return `[${type.of.map(typeName).join(", ")}]`;
    case "object":
      return `{ ${type.fields.map(parameterText).join(", ")} }`;
    case "record":
      return `Record<string, ${typeName(type.of)}>`;
    case "union":
      return type.of.map(typeName).join(" | ");
    case "json":
      return type.text;
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "bigint":
    case "null":
      return type.kind;
  }
}

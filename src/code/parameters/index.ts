/**
 * The parameters of a task: read from its source or its schema, written as JSON Schema, and what
 * values of JSON mean by them. People write a parameter's type, default and doc once, where the
 * function is; flags, help, endpoints and forms all stand on what is read here.
 *
 * It must not know how modules are found (a {@link TypeScope} resolves names), what a file is
 * ({@link Makers} make them), or what a command line looks like.
 *
 * @module
 */
export type { ImportedType, ResolvedType, TypeScope } from "./scope.ts";
export { type DocComment, readDoc } from "./docs.ts";
export { type ParameterSource, readParameters } from "./read.ts";
export { schemaParameters } from "./from-schema.ts";
export { jsonSchema, type JsonSchema } from "./json-schema.ts";
export { validateInput } from "./validate.ts";
export { argumentsOf, type Slot, slotsOf } from "./slots.ts";
export {
  byNarrowness,
  isFields,
  isGiven,
  type Makers,
  matchFields,
  type Problem,
  readArguments,
  readBigInt,
  readDate,
  readValue,
  type ValueReading,
} from "./values.ts";
export { pathText, typeText, valueText } from "./describe.ts";
export { findNamed, kebabCase } from "./names.ts";

export type { ImportedType, ResolvedType, TypeScope } from "./scope.ts";
export { type DocComment, readDoc } from "./docs.ts";
export { type ParameterSource, readParameters } from "./read.ts";

/**
 * The environments that jobs ran in, read from the record: which a job or a run had, what differs between two, and how
 * that is said in words.
 *
 * It reads the store alone: nothing is built, entered or asked of an engine, and what an environment held is told long
 * after it was removed. It does not know how it is shown.
 *
 * @module
 */
export { changeTexts, compareEnvironments, definitionText, packageText, shortDigest } from "./change.ts";
export { compareDefinitions, layersOf } from "./definition.ts";
export { environmentText } from "./facts.ts";
export { environmentFor, environmentOfAttempt, environmentOfJob } from "./of-job.ts";
export { environmentsOfRun, type UsedEnvironment } from "./of-run.ts";
export { type NamedPackage, namedPackages } from "./packages.ts";
export type {
  DefinitionChange,
  EnvironmentBrief,
  EnvironmentChange,
  EnvironmentFacts,
  PackageChange,
  Packages,
} from "./types.ts";

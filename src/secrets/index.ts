/**
 * Secrets: values that tasks get as environment variables, and that nobody else sees. They are sealed before they reach
 * the store (`seal.ts`), with a key that is never there (`key.ts`); `secrets.ts` opens them for those who may.
 * `keep-out.ts` takes them out of what is recorded.
 *
 * It must not know tasks, runs, nor who asks; and it prints nothing.
 *
 * @module
 */
export { type CommandLine, withoutSecrets } from "./command-line.ts";
export { redactError, refuseInResult } from "./keep-out.ts";
export { type KeySource, keyFile } from "./key.ts";
export { checkSecretName, checkSecretValue } from "./name.ts";
export { openSecrets, type SecretInfo, Secrets } from "./secrets.ts";
export { type SecretVariables, takeSecretVariables } from "./variables.ts";

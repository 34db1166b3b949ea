import type { Store } from "../store/types.ts";
import { takeSecretVariables } from "./variables.ts";

/** What is recorded of how a run was asked for. */
export interface CommandLine {
  readonly argv: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * How a run was asked for, without the values of secrets: people do type them. Costs a look into the store where there
 * are none.
 *
 * @example
 * ```ts
 * engine.start(call, { task: "main", ...(await withoutSecrets({ argv, tags }, store)) });
 * ```
 */
export async function withoutSecrets(
  { argv, tags }: CommandLine,
  store: Pick<Store, "getSecret" | "listSecrets" | "putSecret" | "removeSecret">,
): Promise<CommandLine> {
  const variables = takeSecretVariables(process.env);
  if (variables.values.size === 0 && (await store.listSecrets()).length === 0) return { argv, tags };
  const { openSecrets } = await import("./secrets.ts");
  const redact = await openSecrets(store, variables).redactor();
  const clean = Object.entries(tags).map(([key, value]) => [redact(key), redact(value)] as const);
  return { argv: argv.map(redact), tags: Object.fromEntries(clean) };
}

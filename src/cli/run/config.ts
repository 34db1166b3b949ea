import type { Config } from "../../config/index.ts";
import { withoutSecrets } from "../../project/notify.ts";
import type { RunOptions } from "./options.ts";

/** Those of the flags that are settings of the project too. */
type Settable = Pick<RunOptions, "cpus" | "memory" | "retries" | "keep-work" | "notify">;

/** What flags say over the configuration. */
export function configOf(options: Settable, storeDir: string | undefined): Config {
  return {
    ...(storeDir !== undefined && { store: storeDir }),
    ...(options.cpus !== undefined && { cpus: options.cpus }),
    ...(options.memory !== undefined && { memory: options.memory }),
    ...(options.retries !== undefined && { retries: options.retries }),
    ...(options["keep-work"] && { keepWork: true }),
    ...(options.notify.length > 0 && { notify: options.notify }),
  };
}

/** A command line as it is recorded: without the secrets in the URLs of its webhooks. */
export function recordedLine(argv: readonly string[], { notify }: Pick<RunOptions, "notify">): readonly string[] {
  return argv.map((word) => notify.reduce((text, url) => text.replace(url, withoutSecrets(url)), word));
}

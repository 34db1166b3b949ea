import { type Config, CONTAINER_ENGINES, type ContainerEngine } from "../../config/index.ts";
import { nearest } from "../../kernel/index.ts";
import { withoutSecrets } from "../../project/notify.ts";
import { usageError } from "../usage-error.ts";
import type { RunOptions } from "./options.ts";

/** Those of the flags that are settings of the project too. */
type Settable = Pick<RunOptions, "cpus" | "memory" | "retries" | "keep-work" | "container" | "notify">;

/** What flags say over the configuration. */
export function configOf(options: Settable, storeDir: string | undefined): Config {
  return {
    ...(storeDir !== undefined && { store: storeDir }),
    ...(options.cpus !== undefined && { cpus: options.cpus }),
    ...(options.memory !== undefined && { memory: options.memory }),
    ...(options.retries !== undefined && { retries: options.retries }),
    ...(options["keep-work"] && { keepWork: true }),
    ...(options.container !== undefined && { container: { engine: engineNamed(options.container) } }),
    ...(options.notify.length > 0 && { notify: options.notify }),
  };
}

function engineNamed(name: string): ContainerEngine {
  const engine = CONTAINER_ENGINES.find((each) => each === name);
  if (engine !== undefined) return engine;
  const near = nearest(name, CONTAINER_ENGINES);
  const mend = near === undefined ? `there are ${CONTAINER_ENGINES.join(", ")}` : `did you mean ${near}?`;
  throw usageError("LIGASE_E_FLAG", `--container: there is no engine ${name}`, mend, {
    flag: "container",
    value: name,
  });
}

/** A command line as it is recorded: without the secrets in the URLs of its webhooks. */
export function recordedLine(argv: readonly string[], { notify }: Pick<RunOptions, "notify">): readonly string[] {
  return argv.map((word) => notify.reduce((text, url) => text.replace(url, withoutSecrets(url)), word));
}

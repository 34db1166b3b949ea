import type { KeptEnclosure } from "../../executors/index.ts";
import { openEngine as open } from "../../images/select/index.ts";
import type { EngineName, Entry, ImageEngine } from "../../images/types.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { Store } from "../../store/types.ts";

/** How a command is run where a job ran: the program to start, with its environment. */
export type EnterCommand = (command: readonly string[], more: Readonly<Record<string, string>>) => Entry;

const ENGINES: readonly EngineName[] = ["sandbox", "podman", "docker", "host"];

/** The engine of a recorded environment. */
export function openEngine(name: string, imagesDir: string): Promise<ImageEngine> {
  const known = ENGINES.find((each) => each === name);
  if (known) return open(known, { imagesDir });
  throw new LigaseError("LIGASE_E_IMAGE_ENGINE", `there is no container engine ${name}`, { facts: { engine: name } });
}

/**
 * How commands enter the environment of a job, with the secrets that it had.
 *
 * @throws LigaseError `LIGASE_E_SECRET` for one that is not set any more
 */
export async function enterFor(
  { environment, enclosure, secrets }: KeptEnclosure,
  { imagesDir, store, task }: { readonly imagesDir: string; readonly store: Store; readonly task: string },
): Promise<EnterCommand> {
  const engine = await openEngine(environment.engine, imagesDir);
  let values: Readonly<Record<string, string>> = {};
  if (secrets.length > 0) {
    const { openSecrets } = await import("../../secrets/index.ts");
    values = await openSecrets(store).read(secrets, task);
  }
  return (command, more) =>
    engine.enter(environment, {
      ...enclosure,
      name: `${enclosure.name.replace(/-shell-\d+$/, "")}-shell-${process.pid}`,
      command,
      env: { ...enclosure.env, ...values, ...more },
      interactive: process.stdin.isTTY,
    });
}

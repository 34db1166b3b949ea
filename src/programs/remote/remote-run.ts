import { setTimeout as sleep } from "node:timers/promises";
import { taskAtom } from "../../expr/index.ts";
import { fileAtoms } from "../../files/index.ts";
import { type Backoff, backoffDelay, Codec, type ErrorFacts, LigaseError, reviveError } from "../../kernel/index.ts";
import { jsonLines, type LogLineView, type Remote, type RunView } from "../../remote/index.ts";
import type { Program } from "../../code/types.ts";

/** How long one question for the end of a run stays open, in milliseconds. Its counts are as old as that. */
const WAIT_MS = 1000;
/** A server that is started anew is waited for: its runs go on meanwhile. */
const AGAIN: Backoff = { initial: 200, max: 5000, factor: 2 };
const MOST_TRIES = 10;

/** A run on a server, followed from here. */
export class RemoteRun {
  readonly id: string;
  /** Its value; rejects with its error, as one that runs here does. */
  readonly result: Promise<unknown>;
  readonly #remote: Remote;
  #view: RunView;

  /** @param onChange - hears of each answer to where it stands */
  constructor(
    remote: Remote,
    view: RunView,
    options: {
      readonly tasks: Program["tasks"];
      /** The store's folder of the server. */
      readonly storeDir: string;
      readonly onChange?: (view: RunView) => void;
    },
  ) {
    this.#remote = remote;
    this.#view = view;
    this.id = view.id;
    this.result = this.#end(options.onChange).then((over) => valueOf(over, options));
    // A handle nobody awaits must not end the process.
    this.result.catch(() => {});
  }

  /** Where it stood when it was last asked. */
  get view(): RunView {
    return this.#view;
  }

  /** The lines that its jobs write, and its process, as they come, until it has ended. */
  async *logs(): AsyncGenerator<LogLineView> {
    yield* jsonLines<LogLineView>(await this.#remote.fetch(`/runs/${this.id}/logs?follow=true`));
  }

  /** Asks it to end; {@link RemoteRun.result} then rejects. */
  async cancel(): Promise<void> {
    await this.#remote.ask("POST", `/runs/${this.id}/cancel`);
  }

  async #end(onChange: ((view: RunView) => void) | undefined): Promise<RunView> {
    for (let tries = 0; ;) {
      try {
        this.#view = await this.#remote.ask<RunView>("GET", `/runs/${this.id}?wait=${WAIT_MS}`);
        tries = 0;
      } catch (error) {
        if (!(error instanceof LigaseError && error.code === "LIGASE_E_NO_SERVER") || ++tries > MOST_TRIES) throw error;
        await sleep(backoffDelay(AGAIN, tries));
        continue;
      }
      onChange?.(this.#view);
      if (this.#view.state !== "pending" && this.#view.state !== "running") return this.#view;
    }
  }
}

function valueOf(
  { id, state, result, error }: RunView,
  { tasks, storeDir }: { readonly tasks: Program["tasks"]; readonly storeDir: string },
): unknown {
  if (state === "done") {
    // Files are named as the server sees them: nothing of here is near them.
    const files = fileAtoms({ storeDir, root: storeDir });
    return result === undefined ? undefined : new Codec([...files, taskAtom((name) => tasks.get(name))]).decode(result);
  }
  if (state === "cancelled")
    throw new LigaseError("LIGASE_E_CANCELLED", "the run was cancelled", { facts: { run: id } });
  if (isErrorFacts(error)) throw reviveError(error);
  throw new LigaseError("LIGASE_E_RUN", `the process of the run ${id} ended without a word`, {
    facts: { run: id },
    mend: "run it again: what had finished is taken from the cache",
  });
}

function isErrorFacts(error: unknown): error is ErrorFacts {
  return typeof error === "object" && error !== null && "name" in error && "message" in error;
}

import type { TaskOptions } from "../expr/options.ts";
import type { TaskImpl } from "../expr/task.ts";
import { LigaseError } from "../kernel/index.ts";
import type { RunMode } from "../store/types.ts";
import { Sampling } from "./sampling.ts";

/** What may stand in place of a body. */
type Body = TaskImpl["fn"];

/** How a run may differ from a normal one. */
export interface ModeSettings {
  /** Of every map only so many items are taken, the first ones. */
  readonly sample?: number | undefined;
  /** Stubs run in place of the bodies of tasks that have one. */
  readonly stub?: boolean;
  /** What stands in place of the bodies of these tasks, by name: of this run alone. */
  readonly stubs?: ReadonlyMap<string, Body>;
}

/**
 * The mode of one run: what of every map is taken, what runs in place of bodies, and what keeps its results out of the
 * cache of runs in another mode.
 */
export class Mode {
  readonly name: RunMode;
  /** What the keys of its calls and failures end with; nothing in a normal run. */
  readonly salt: string;
  /** What is left out of maps; nothing where they are whole. */
  readonly sampling: Sampling | undefined;
  /** How many jobs of tasks without a stub ran outside of this process, by task. */
  readonly real = new Map<string, number>();
  readonly #own: boolean;
  readonly #given: ReadonlyMap<string, Body> | undefined;

  /**
   * @param run - its id: functions that are given to one run are known to no other
   * @throws LigaseError `LIGASE_E_OPTION` when `sample` is no whole number above 0
   */
  constructor({ sample, stub = false, stubs }: ModeSettings, run: string) {
    if (sample !== undefined && (!Number.isSafeInteger(sample) || sample < 1)) {
      throw new LigaseError("LIGASE_E_OPTION", `a sample takes a whole number of items from 1, and not ${sample}`, {
        facts: { option: "sample", value: sample },
      });
    }
    this.#own = stub;
    this.#given = stubs && stubs.size > 0 ? stubs : undefined;
    this.sampling = sample === undefined ? undefined : new Sampling(sample);
    const words = [
      sample !== undefined && `sample ${sample}`,
      stub && "stub",
      this.#given !== undefined && `stubs ${run}`,
    ].filter((word) => word !== false);
    this.salt = words.length === 0 ? "" : `\n${words.join("\n")}`;
    this.name = this.#own || this.#given ? "stub" : sample === undefined ? "normal" : "sample";
  }

  /** What stands in place of a task's body in this run. */
  stubOf(task: TaskImpl): Body | undefined {
    if (this.name !== "stub") return undefined;
    return this.#given?.get(task.name) ?? (this.#own ? task.stub : undefined);
  }

  /** What stands for the code of a task that has a stub in this run: that of the stub. */
  stubCode(task: TaskImpl): string | undefined {
    if (!this.stubOf(task)) return undefined;
    if (this.#given?.has(task.name)) return "stub of this run";
    return task.definition?.stub ? `stub ${task.definition.stub.closureHash}` : "";
  }

  /** The options of a call. A stub needs nothing of what its body needs. */
  options(task: TaskImpl, options: TaskOptions): TaskOptions {
    if (!this.stubOf(task)) return options;
    const {
      cpu: _c,
      memory: _m,
      gpu: _g,
      disk: _d,
      image: _i,
      executor: _x,
      limits: _l,
      timeout: _t,
      volumes: _v,
      secrets: _s,
      ...kept
    } = options;
    return kept;
  }

  /** A job of this task ran outside of this process. */
  ran(task: TaskImpl): void {
    if (this.name === "stub" && !this.stubOf(task)) this.real.set(task.name, (this.real.get(task.name) ?? 0) + 1);
  }
}

import { formatBytes } from "../../kernel/index.ts";
import type { AttemptRow } from "../../store/types.ts";
import { enoughMemory } from "./enough-memory.ts";
import { type TaskUsage, usageOf } from "./usage.ts";

/** What a task might better ask for. */
export interface Advice {
  readonly task: string;
  /** `save`: it asks for more than it uses. `risk`: for too little. */
  readonly kind: "save" | "risk";
  /** What was seen: `align asked for 8 GiB and peaked at 1.2 GiB`. */
  readonly fact: string;
  /** The option to write: `memory: "2 GiB"`. */
  readonly option: string;
  /** What that would do, after the option: `would do`. */
  readonly remark: string;
}

/** Of fewer jobs than this nothing is said to be too much: the next may be the large one. */
const ENOUGH_JOBS = 3;
/** It is not worth a word to ask for so much less memory. */
const LEAST_SAVED = 256 * 2 ** 20;
/** Memory without a request is worth a word from here on. */
const MUCH_MEMORY = 2 ** 30;
/** Above this part of what it asked for the next job may not fit. */
const CLOSE = 0.9;
/** Processor time over less wall time than this is mostly the start of processes. */
const LONG_ENOUGH_MS = 10_000;

/**
 * Compares what the attempts of a task used with what they asked for, and says what would be better. Memory is advised
 * with 30 % to spare; that something asks for too much is said of three jobs and more, and only of what is at least
 * twice as much as it needs; that it asks for too little is said of one.
 *
 * @param attempts - of one task, in any order
 */
export function adviceOf(task: string, attempts: readonly AttemptRow[]): Advice[] {
  const usage = usageOf(task, attempts);
  return [...memoryAdvice(usage, attempts), ...cpuAdvice(usage)];
}

function memoryAdvice(usage: TaskUsage, attempts: readonly AttemptRow[]): Advice[] {
  const { task, memoryAsked: asked, memoryPeak: peak, memoryShare: share, outcomes } = usage;
  const stopped = outcomes["memory"] ?? 0;
  if (stopped > 0) {
    const least = Math.max(peak ?? 0, asked ?? 0);
    return [
      {
        task,
        kind: "risk",
        fact: `${task} ran out of memory in ${stopped} of ${many(usage.attempts, "attempt")}${asked === null ? "" : `, having asked for ${formatBytes(asked)}`}`,
        option: least === 0 ? "memory" : memoryOption(enoughMemory(1.5 * least)),
        remark: "may do; a function of the attempt asks for more each time",
      },
    ];
  }
  if (peak === null) return [];
  const enough = enoughMemory(peak);
  if (asked === null || share === null) {
    if (peak < MUCH_MEMORY) return [];
    const fact = `${task} peaked at ${formatBytes(peak)} and asked for no memory`;
    return [
      {
        task,
        kind: "risk",
        fact,
        option: memoryOption(enough),
        remark: "keeps jobs that do not fit from running side by side",
      },
    ];
  }
  const upTo = varies(attempts) ? "up to " : "";
  if (share > 1) {
    const fact = `${task} asked for ${upTo}${formatBytes(asked)} and peaked at ${formatBytes(peak)}`;
    return [{ task, kind: "risk", fact, option: memoryOption(enough), remark: "is what it needs" }];
  }
  if (share >= CLOSE) {
    const fact = `${task} peaked at ${percent(share)} of the ${formatBytes(asked)} it asked for`;
    return [
      {
        task,
        kind: "risk",
        fact,
        option: memoryOption(enoughMemory(share * asked)),
        remark: "is safer",
      },
    ];
  }
  const measured = attempts.filter((each) => each.peakMemory !== null && each.outcome === "done").length;
  // Where jobs ask for different amounts, all of them must be able to do with half.
  const saves = varies(attempts) ? enoughMemory(share * asked) : enough;
  if (measured < ENOUGH_JOBS || saves > asked / 2 || asked - saves < LEAST_SAVED) return [];
  if (varies(attempts)) {
    const fact = `${task} asked for up to ${formatBytes(asked)} and used at most ${percent(share)} of what it asked for`;
    return [
      {
        task,
        kind: "save",
        fact,
        option: "memory",
        remark: `could be ${saves <= asked / 4 ? "a quarter" : "half"} of that`,
      },
    ];
  }
  const fact = `${task} asked for ${formatBytes(asked)} and peaked at ${formatBytes(peak)}`;
  return [{ task, kind: "save", fact, option: memoryOption(enough), remark: "would do" }];
}

function cpuAdvice({ task, jobs, cpuAsked: asked, cpuUsed: used, wallMs }: TaskUsage): Advice[] {
  if (asked === null || used === null || wallMs === null || wallMs.total < LONG_ENOUGH_MS) return [];
  const fact = `${task} asked for ${many(asked, "CPU")} and used ${round(used)}`;
  const enough = Math.max(1, Math.ceil(used * 1.1));
  if (asked >= 2 && used < asked / 2 && enough < asked && jobs >= ENOUGH_JOBS) {
    return [{ task, kind: "save", fact, option: `cpu: ${enough}`, remark: "would do" }];
  }
  if (used > asked * 1.25 && used - asked >= 0.5) {
    const remark = "is what it takes; $LIGASE_CPU tells a script how many threads to start";
    return [{ task, kind: "risk", fact, option: `cpu: ${Math.round(used)}`, remark }];
  }
  return [];
}

/** Advice as a sentence. */
export function adviceText({ fact, option, remark }: Advice): string {
  return `${fact}: ${option} ${remark}`;
}

const memoryOption = (bytes: number): string => `memory: "${formatBytes(bytes)}"`;
const many = (n: number, what: string): string => `${round(n)} ${what}${n === 1 ? "" : "s"}`;
const round = (n: number): string => String(Number(n.toFixed(n < 10 ? 1 : 0)));
const percent = (part: number): string => `${Math.round(100 * part)} %`;

function varies(attempts: readonly AttemptRow[]): boolean {
  return new Set(attempts.map((each) => each.memory)).size > 1;
}

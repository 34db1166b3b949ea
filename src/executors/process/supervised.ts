import { statSync } from "node:fs";
import { LogCap } from "./log-cap.ts";
import { groupMembers, killStraysOfJob, outOfMemoryKills, peakMemory, processStart, signalGroup } from "./proc.ts";
import type { Confined } from "./confined.ts";
import { STARTED_AFTER_MS, type EndReason, type LauncherSettings } from "./protocol.ts";

const FIRST_SAMPLE_MS = 20;
const SLOWEST_SAMPLE_MS = 500;
const SLOWEST_GROUP_MS = 100;
const LAST_SOON_MS = 8;
/** Read once and not for each job: the kernel takes 40 µs to write `/proc/vmstat`. Longer jobs read it again. */
const KILLS_AT_START = outOfMemoryKills();

/** What to watch over, and whom to tell. */
export interface Watched {
  /** The job's id, by which processes that left the group are found. */
  readonly job: string | null;
  /** Files that must not grow beyond the cap. */
  readonly logs: readonly string[];
  /** Milliseconds; 0 for none. */
  readonly timeoutMs: number;
  /** The leader of its process group; 0 while it is not known. */
  leader(): number;
  /** What else holds it together; null for a process like any other. */
  readonly confined: Confined | null;
  /** The leader is known, and the job was not over at once. */
  started(pgid: number, since: string): void;
}

/**
 * A process group from its leader's start until no member of it lives: the launcher's half of a
 * job. Ends it when asked or out of time, samples its memory, keeps its logs below the cap. All
 * that takes time happens in {@link Supervised.tick}: one timer for all jobs instead of several
 * set and cleared for each.
 */
export class Supervised {
  readonly #settings: LauncherSettings;
  readonly #watched: Watched;
  readonly #begun = performance.now();
  #oomKillsBefore = KILLS_AT_START;
  #pgid = 0;
  #job: string | null = null;
  #reported = false;
  #sampleAt = this.#begun + FIRST_SAMPLE_MS;
  #interval = FIRST_SAMPLE_MS;
  #killedAt = 0;
  #graceMs: number;
  #signalled: NodeJS.Signals | null = null;
  #over: (() => void) | undefined;
  #isOver = false;
  #leaderGoneAt = 0;
  #groupGone = false;
  readonly #logs: readonly LogCap[];
  /** Why it was ended on purpose, if it was; the first reason counts. */
  killed: EndReason | null = null;
  /** Bytes; null while it was not sampled. */
  peakMemory: number | null = null;
  /** Whether a log was cut. */
  truncated = false;
  /** What went on running after the leader's end, and had to be killed. */
  leftovers: readonly string[] = [];

  constructor(settings: LauncherSettings, watched: Watched) {
    this.#settings = settings;
    this.#graceMs = settings.graceMs;
    this.#watched = watched;
    this.#logs = watched.logs.map((path) => new LogCap(path, settings.logCap));
  }

  /** Since it was started. */
  get wallMs(): number {
    return performance.now() - this.#begun;
  }

  /** Whether the kernel has killed something for want of memory meanwhile. */
  get outOfMemory(): boolean {
    return outOfMemoryKills() > this.#oomKillsBefore;
  }

  /**
   * Ends the group: SIGTERM, and after the grace SIGKILL.
   *
   * @param job - whose strays are ended too: a worker has many jobs in its life
   * @param graceMs - that of the launcher by default; asked a second time, a shorter one counts
   */
  kill(reason: EndReason, job: string | null = this.#watched.job, graceMs = this.#settings.graceMs): void {
    if (this.killed) {
      this.#graceMs = Math.min(this.#graceMs, graceMs);
      return this.#pressOn(performance.now());
    }
    this.#graceMs = graceMs;
    this.#job = job;
    this.killed = reason;
    this.#killedAt = performance.now();
    this.#pressOn(this.#killedAt);
  }

  /** Ends the group at once. */
  killNow(): void {
    this.#pgid ||= this.#watched.leader();
    this.#signal("SIGKILL");
  }

  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    const { confined } = this.#watched;
    if (!confined) signalGroup(this.#pgid, signal);
    else if (signal === "SIGTERM") confined.terminate(this.#pgid);
    else confined.killNow(this.#pgid);
  }

  /**
   * The leader is gone: waits for the rest of its group (a process substitution, which a shell
   * does not wait for, may still be writing its file), and then tells.
   */
  leaderGone(pgid: number, over: () => void): void {
    this.#pgid = pgid;
    this.#leaderGoneAt = performance.now();
    this.#over = over;
    // The usual case costs one system call.
    if (!signalGroup(pgid, 0)) {
      this.#groupGone = true;
      this.#finish();
    }
    // A sandbox is gone a moment after the process that made it, and so is what may not go on: looked at sooner than at
    // the next tick.
    if (!this.#isOver && (this.#watched.confined || this.#settings.lingerMs === 0)) this.#lookSoon(1);
  }

  #lookSoon(ms: number): void {
    setTimeout(() => {
      if (!this.#over) return;
      this.#sampleAt = 0;
      this.#awaitRest(performance.now());
      if (ms < LAST_SOON_MS) this.#lookSoon(ms * 1.5);
    }, ms);
  }

  /** What has become due by now. */
  tick(now: number): void {
    if (this.#isOver) return;
    if (this.#over) return this.#awaitRest(now);
    this.#pgid ||= this.#watched.leader();
    if (this.#pgid === 0) return;
    if (!this.#reported && now - this.#begun >= STARTED_AFTER_MS) this.#report();
    const { timeoutMs } = this.#watched;
    if (timeoutMs > 0 && now - this.#begun >= timeoutMs) this.kill("timeout");
    this.#pressOn(now);
    if (now >= this.#sampleAt) this.#sample(now);
    // A loop writes a gigabyte a second: looked at every time, which takes 5 µs.
    if (now - this.#begun > FIRST_SAMPLE_MS) this.keepLogsBelowCap();
  }

  #report(): void {
    this.#reported = true;
    this.#oomKillsBefore = outOfMemoryKills();
    const since = processStart(this.#pgid);
    if (since !== null) this.#watched.started(this.#pgid, since);
  }

  #pressOn(now: number): void {
    if (!this.killed) return;
    this.#pgid ||= this.#watched.leader();
    const isAsked = this.killed === "cancelled" || this.killed === "timeout";
    const due = !isAsked || now - this.#killedAt >= this.#graceMs ? "SIGKILL" : "SIGTERM";
    if (this.#pgid === 0 || this.#signalled === due) return;
    this.#signalled = due;
    this.#signal(due);
    // A stopped process takes SIGTERM only once it goes on.
    if (!this.#watched.confined) signalGroup(this.#pgid, "SIGCONT");
  }

  #awaitRest(now: number): void {
    this.#pressOn(now);
    this.keepLogsBelowCap();
    // Looking at all processes takes a millisecond: less and less often.
    if (now < this.#sampleAt) return;
    const waited = now - this.#leaderGoneAt;
    this.#sampleAt = now + Math.min(waited / 5, SLOWEST_SAMPLE_MS);
    if (this.#groupGone) return this.#finish();
    const left = this.#watched.confined?.rest() ?? groupMembers(this.#pgid);
    if (left.length === 0) {
      this.#groupGone = true;
      return this.#finish();
    }
    if (this.killed || waited <= this.#settings.lingerMs) return;
    this.leftovers = left;
    this.#signal("SIGKILL");
  }

  #finish(): void {
    // Asked again at the next tick: what was killed is not gone at once.
    if (this.killed && this.#job !== null && killStraysOfJob(this.#job) > 0) return;
    if ((this.#watched.confined?.clear() ?? 0) > 0) return;
    const over = this.#over;
    this.#over = undefined;
    this.#isOver = true;
    over?.();
  }

  #sample(now: number): void {
    this.#sampleAt = now + this.#interval;
    const { confined } = this.#watched;
    // A control group is asked in 50 µs, the tree of processes in milliseconds.
    this.#interval = Math.min(this.#interval * 1.5, confined ? SLOWEST_GROUP_MS : SLOWEST_SAMPLE_MS);
    const broken = confined?.broken(now);
    if (broken) this.kill(broken);
    const peak = confined?.peakMemory ?? peakMemory(this.#pgid);
    if (peak) this.peakMemory = Math.max(this.peakMemory ?? 0, peak);
  }

  /** Cuts logs that have grown too large; tells how large they are. */
  keepLogsBelowCap(): number[] {
    return this.#logs.map((log) => {
      // It may not be there yet, or be gone already.
      const size = statSync(log.path, { throwIfNoEntry: false })?.size ?? 0;
      if (!log.check(size)) return size;
      this.truncated = true;
      return statSync(log.path, { throwIfNoEntry: false })?.size ?? 0;
    });
  }

  /** What was started with it, if it is confined. */
  get confined(): Confined | null {
    return this.#watched.confined;
  }
}

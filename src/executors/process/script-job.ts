import { existsSync, mkdirSync, readFileSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Activities,
  collectOutputs,
  commitOutputs,
  File,
  type Fingerprints,
  knownOf,
  type Staged,
  type StageMode,
} from "../../files/index.ts";
import { type Codec, formatBytes, LigaseError } from "../../kernel/index.ts";
import type { ScriptSpec } from "../../expr/script.ts";
import type { EngineName, Environment, ImageEngine } from "../../images/types.ts";
import {
  COMMAND_FILE,
  diagnose,
  filesOf,
  insideCommand,
  LEFT_FILE,
  STDERR_FILE,
  STDOUT_FILE,
  tailOf,
} from "../../worker/script/index.ts";
import type { Attempt, Head, Outcome, Running, Usage } from "../types.ts";
import { enclosureOf } from "./enclosure.ts";
import { keepEnclosure } from "./kept-enclosure.ts";
import type { Launched, Launcher } from "./launcher.ts";
import { cancelledError, failed, moveLog, NO_USAGE, shareLog } from "./outcome.ts";
import { type PreparedScript, prepareScript } from "./prepare.ts";
import type { Confinement, DoneReport, KillReason, RunRequest } from "./protocol.ts";
import type { ToolVersions } from "./tools.ts";

/** What script jobs need of their executor. */
export interface ScriptContext {
  readonly launcher: Launcher;
  readonly codec: Codec;
  readonly fingerprints: Fingerprints | undefined;
  readonly activities: Activities | undefined;
  readonly stage: StageMode;
  readonly tools: ToolVersions;
  /** Finds the engine of an environment. */
  readonly engine: (name: EngineName) => ImageEngine;
  /** How long what a script leaves in the background may go on, in milliseconds. */
  readonly lingerMs: number;
}

const PATIENCE_MS = 250;
const NO_LIMITS: Confinement["limits"] = { cpu: 0, memory: 0, processes: 0, disk: 0 };
const MOST_TEXT = 256 * 2 ** 20;

/** Runs a script: stages its inputs, starts it, takes over what it leaves. */
export class ScriptJob implements Running {
  readonly outcome: Promise<Outcome>;
  readonly #context: ScriptContext;
  readonly #attempt: Attempt;
  readonly #script: ScriptSpec;
  readonly #head: Head;
  #launched: Launched<DoneReport> | undefined;
  #ended: KillReason | undefined;
  #text = "";
  #staged: Staged | undefined;
  /** What it is held to; the same that its environment was told. */
  #limits: Confinement["limits"] = NO_LIMITS;

  constructor(context: ScriptContext, attempt: Attempt, script: ScriptSpec, head: Head) {
    this.#context = context;
    this.#attempt = attempt;
    this.#script = script;
    this.#head = head;
    this.outcome = this.#run().catch((error: unknown) =>
      failed(error, { workDir: existsSync(attempt.workDir) ? attempt.workDir : null, ...this.#logsOfFailure() }),
    );
  }

  cancel(reason: KillReason): void {
    this.#ended ??= reason;
    this.#launched?.kill(reason, this.#attempt.job);
  }

  async #run(): Promise<Outcome> {
    const { launcher, tools } = this.#context;
    const { job, workDir, timeoutMs, keepWork } = this.#attempt;
    const { shell, warm, script, confinement } = await this.#prepare();
    if (this.#ended) return failed(cancelledError(this.#attempt.task), { cause: this.#ended, workDir });
    const discard = !keepWork && this.#script.outputs === undefined;
    const launched = launcher.run(
      { job, dir: workDir, script, shell, warm, timeoutMs, discard, ...(confinement && { confinement }) },
      (leader) => this.#head.started(leader),
    );
    this.#launched = launched;
    // Asked while it runs: most are known by the time it ends. What an environment holds is known without asking.
    const versions = this.#environment ? null : tools.of(this.#script, PATIENCE_MS);
    const report = await launched.over;
    const done = { ...report, leftovers: [...report.leftovers, ...this.#leftInside()] };
    const found = versions instanceof Promise ? await versions : versions;
    const usage = {
      ...NO_USAGE,
      wallMs: done.wallMs,
      cpuMs: done.cpuMs,
      peakMemory: done.peakMemory,
      bytesIn: bytesOf(filesOf(this.#script)),
    };
    const succeeded = done.status === 0 && done.killed === null && done.leftovers.length === 0 && !done.outOfMemory;
    return succeeded ? this.#succeeded(done, usage, found) : this.#failed(done, usage, found);
  }

  /**
   * Stages and renders. A script that needs no file but its own gets its directory from the launcher.
   */
  async #prepare(): Promise<Pick<RunRequest, "shell" | "warm" | "script" | "confinement">> {
    const { workDir } = this.#attempt;
    const attempt = { ...this.#attempt, environment: this.#environment };
    const prepared = await prepareScript(attempt, this.#script, this.#context);
    const { staged, text, shell, warm, files } = prepared;
    this.#staged = staged;
    this.#text = text;
    const confinement = this.#confine(prepared);
    const more = { shell, warm, ...(confinement && { confinement }) };
    const [only, ...others] = files;
    if (!staged && !this.#environment && only && others.length === 0) return { ...more, script: only[1] };
    mkdirSync(workDir, { recursive: true });
    for (const [name, content] of files) writeFileSync(join(workDir, name), content);
    return { ...more, script: null };
  }

  /** The environment it enters; null for the machine as it is. */
  get #environment(): Environment | null {
    const { environment } = this.#attempt;
    return environment?.engine === "host" ? null : environment;
  }

  /** Nothing for a script that asks for nothing: it starts in a millisecond. */
  #confine({ shell, env, staged }: PreparedScript): Confinement | undefined {
    const { resources, processes, secrets } = this.#attempt;
    const environment = this.#environment;
    if (environment) {
      const engine = this.#context.engine(environment.engine);
      const { interpreter } = this.#script;
      const command = insideCommand({
        command: [shell, COMMAND_FILE],
        interpreter,
        text: this.#text,
        direct: engine.name === "sandbox",
        lingerMs: this.#context.lingerMs,
      });
      const enclosure = enclosureOf(this.#attempt, { command, env, inputs: staged?.inputs ?? [] });
      keepEnclosure(this.#attempt.workDir, environment, enclosure, Object.keys(secrets));
      this.#limits = enclosure.limits;
      return { entry: engine.enter(environment, enclosure), limits: enclosure.limits, secrets };
    }
    const { memory, disk } = resources;
    if (memory + disk + processes === 0 && Object.keys(secrets).length === 0) return undefined;
    // Processors are counted where memory or processes are: otherwise a script is only told how many it has.
    const cpu = memory + processes > 0 ? resources.cpu : 0;
    this.#limits = { cpu, memory, processes, disk };
    return { entry: null, limits: this.#limits, secrets };
  }

  /** What a script in an environment has left in the background, and was killed in the end. */
  #leftInside(): string[] {
    if (!this.#environment) return [];
    const said = tailOf(join(this.#attempt.workDir, LEFT_FILE))[0];
    return said === undefined || said === "" ? [] : said.split(", ");
  }

  async #succeeded(done: DoneReport, usage: Usage, tools: Record<string, string> | null): Promise<Outcome> {
    const { codec, fingerprints, activities, launcher } = this.#context;
    const { workDir, outputDir, logs, keepWork } = this.#attempt;
    const { outputs } = this.#script;
    let text: string;
    let bytesOut = done.out;
    try {
      await this.#staged?.assertUnchanged(fingerprints);
      if (outputs === undefined) text = this.#stdoutText(done);
      else {
        const found = await collectOutputs(outputs, workDir, { ...(this.#staged && { staged: this.#staged.paths }) });
        await commitOutputs(found, workDir, outputDir, {
          ...(fingerprints && { fingerprints }),
          ...(activities && { activities }),
        });
        const encoded = codec.encode(found);
        text = encoded.text;
        bytesOut = bytesOf(encoded.atoms);
      }
    } catch (error) {
      return failed(error, { exitCode: 0, usage, workDir, tools, limits: done.limits, ...this.#logsOfFailure() });
    }
    const keep = keepWork ? shareLog : moveLog;
    const stdout = done.out > 0 ? keep(join(workDir, STDOUT_FILE), `${logs}.out`) : null;
    const stderr = done.err > 0 ? keep(join(workDir, STDERR_FILE), `${logs}.err`) : null;
    const silent = outputs === undefined && done.out + done.err === 0;
    // The launcher has removed the directory of a silent one by itself.
    if (!keepWork && !silent) launcher.remove(workDir);
    return {
      state: "done",
      text,
      usage: { ...usage, bytesOut },
      stdout,
      stderr,
      tools,
      trace: null,
      limits: done.limits,
    };
  }

  #stdoutText(done: DoneReport): string {
    if (done.out === 0) return '""';
    const mend = 'write to a file, and declare it: script({ outputs: "…" })';
    if (done.truncated || done.out > MOST_TEXT) {
      throw new LigaseError(
        "LIGASE_E_SCRIPT",
        `the script wrote more than ${formatBytes(MOST_TEXT)} to stdout, too much for a value`,
        { mend },
      );
    }
    const bytes = readFileSync(join(this.#attempt.workDir, STDOUT_FILE));
    try {
      return JSON.stringify(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    } catch {
      throw new LigaseError("LIGASE_E_SCRIPT", "what the script wrote to stdout is no UTF-8 text", { mend });
    }
  }

  #failed(done: DoneReport, usage: Usage, tools: Record<string, string> | null): Outcome {
    const { workDir, timeoutMs, resources } = this.#attempt;
    const { cause, exitCode, signal, error } = diagnose({
      ...done,
      interpreter: this.#script.interpreter,
      text: this.#text,
      workDir,
      timeoutMs,
      memory: resources.memory,
      disk: resources.disk,
      processes: this.#limits.processes,
      inImage: this.#environment !== null,
      diskFull: isDiskFull(workDir),
      stderrTail: tailOf(join(workDir, STDERR_FILE)),
    });
    const more = { cause, exitCode, signal, usage, workDir, tools, limits: done.limits };
    return failed(error, { ...more, ...this.#logsOfFailure() });
  }

  /** A failed attempt keeps its directory, and its logs are found where all logs are. */
  #logsOfFailure(): { stdout: string | null; stderr: string | null } {
    const { workDir, logs } = this.#attempt;
    const keep = (name: string, to: string): string | null => {
      const log = join(workDir, name);
      return (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0 ? shareLog(log, to) : null;
    };
    return { stdout: keep(STDOUT_FILE, `${logs}.out`), stderr: keep(STDERR_FILE, `${logs}.err`) };
  }
}

function isDiskFull(dir: string): boolean {
  try {
    return statfsSync(dir).bavail === 0;
  } catch {
    return false;
  }
}

/** What is known of the sizes of files. */
function bytesOf(values: readonly object[]): number {
  let bytes = 0;
  for (const value of values) if (value instanceof File) bytes += knownOf(value)?.size ?? 0;
  return bytes;
}

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { childrenOf } from "./proc.ts";

/** Linux tells whose children are whose, unless it was built without. */
const CHILDREN_KNOWN = existsSync(`/proc/self/task/${process.pid}/children`);

/**
 * A warm shell that forks one subshell a job: 0.7 ms a job where `child_process.spawn` takes 1.3,
 * measured with `true` two at a time on two cores (`xargs -P2` needs 0.7).
 *
 * - `set -m` gives every job a process group of its own without a `setsid` process each.
 * - The subshell runs the script itself (0.4 ms) where that makes no difference, with the script's
 *   name as its own so that messages read the same; otherwise a new shell takes its place (1.4 ms),
 *   so that `$$` and all that are the job's.
 * - `times` gives the CPU time of the children waited for, without a further process.
 * - In place of a shell's name there may be the length of a piece of shell code (`=120`), which follows, and which becomes
 *   the job: a command with an environment of its own, say. `read -N` takes it in one piece, where `read` goes byte by byte.
 * - `--norc`: its stdin is a socket, and a bash that nobody seems to have started but a network reads `.bashrc`.
 * - What stands in `doors` it writes to before anything else: it and all its jobs are members of those control groups.
 * - `wait` also returns when the job is only stopped: it is waited for again. (`wait -f` would do that by itself, but
 *   bash 5.2 was seen to spin in it, on "wait_for: No record of process".)
 */
const PROGRAM = `
set -m
exec 3>&1 >/dev/null 2>&1
notes=$1
shift
for door; do echo 0 >"$door"; done
unset door
while IFS= read -r -d '' job && IFS= read -r -d '' dir && IFS= read -r -d '' shell; do
  if [[ $shell == =* ]]; then
    IFS= read -r -N "\${shell#=}" code
    (
      set +m
      set --
      unset job dir shell pid status notes
      eval "unset code; $code"
    ) </dev/null 3>&- &
  else
  (
    export LIGASE_JOB="$job"
    cd "$dir" || exit
    if [[ $shell != . ]]; then exec "$shell" .command.sh; fi
    if ((BASH_VERSINFO[0] < 5)); then exec bash .command.sh; fi
    set +m
    set --
    BASH_ARGV0=.command.sh
    mapfile -d '' -t LIGASE_SCRIPT <.command.sh
    unset job dir shell pid status notes
    eval "unset LIGASE_SCRIPT; $LIGASE_SCRIPT"
  ) </dev/null >>"$dir/.command.out" 2>>"$dir/.command.err" 3>&- &
  fi
  pid=$!
  [[ $notes ]] && echo "p $pid" >&3
  wait $pid
  status=$?
  while kill -0 $pid; do sleep 0.1; wait $pid; status=$?; done
  echo "d $status $pid" >&3
  times >&3
done
`;

/** In place of a shell's name: the zygote's own copy runs the script. */
export const WARM = ".";

/** What becomes of the job of a zygote. */
export interface ZygoteListener {
  /** Its leader `pid` ended with a status as the shell gives it, having used so much CPU time, in milliseconds. */
  ended(pid: number, status: number, cpuMs: number): void;
  /** The zygote itself died, and nothing more is known of the job. */
  lost(): void;
}

/** One warm shell; it runs one job at a time. */
export class Zygote {
  readonly #process: ChildProcess;
  #listener: ZygoteListener | undefined;
  #rest = "";
  #cpuMs = 0;
  #leader = 0;

  /**
   * @param env - its environment, which its jobs inherit
   * @param doors - of the control groups that it and its jobs belong to
   */
  constructor(env: NodeJS.ProcessEnv, doors: readonly string[] = []) {
    this.#process = spawn("bash", ["--norc", "-c", PROGRAM, "ligase-zygote", CHILDREN_KNOWN ? "" : "p", ...doors], {
      env,
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#process.stdout?.setEncoding("utf8").on("data", (chunk: string) => this.#read(chunk));
    const gone = (): void => this.#end((listener) => listener.lost());
    this.#process.on("error", gone).on("close", gone);
    this.#process.stdin?.on("error", gone);
  }

  /** Runs `<dir>/.command.sh` with a shell. */
  run(job: string, dir: string, shell: string, listener: ZygoteListener): void {
    this.#listener = listener;
    this.#process.stdin?.write(`${job}\0${dir}\0${shell}\0`);
  }

  /** Runs shell code, in a process of its own without stdin; it says itself where its output goes. */
  runCode(code: string, listener: ZygoteListener): void {
    this.#listener = listener;
    const ascii = asciiCode(code);
    this.#process.stdin?.write(`\0\0=${ascii.length}\0${ascii}`);
  }

  /** Its own process; 0 when it could not be started. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The leader of the running job's process group; 0 when there is none. */
  leader(): number {
    // Most jobs are over before anybody asks, and need not wake us to tell.
    return CHILDREN_KNOWN ? (childrenOf(this.#process.pid ?? 0)[0] ?? 0) : this.#leader;
  }

  /** Ends it once its job is over. */
  close(): void {
    this.#process.stdin?.end();
  }

  #end(tell: (listener: ZygoteListener) => void): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener) tell(listener);
  }

  #read(chunk: string): void {
    this.#rest += chunk;
    const started = /^p (\d+)\n/.exec(this.#rest);
    if (started) {
      this.#leader = Number(started[1]);
      this.#rest = this.#rest.slice(started[0].length);
    }
    // `times` prints two lines: the CPU time of the shell itself, and that of its children: `0m0.001s 0m0.002s`.
    const ended = /^d (\d+) (\d+)\n.*\n(\d+)m([\d.,]+)s (\d+)m([\d.,]+)s\n/.exec(this.#rest);
    if (!ended) return;
    this.#rest = this.#rest.slice(ended[0].length);
    const [status = 1, pid = 0, userMin = 0, user = 0, systemMin = 0, system = 0] = ended
      .slice(1)
      .map((text) => Number(text.replace(",", ".")));
    const total = (userMin + systemMin) * 60_000 + (user + system) * 1000;
    const used = Math.max(0, Math.round(total - this.#cpuMs));
    this.#cpuMs = total;
    this.#leader = 0;
    this.#end((listener) => listener.ended(pid, status, used));
  }
}

/** A shell counts characters in the encoding of its locale, whichever that is: of ASCII there is only one. */
function asciiCode(code: string): string {
  return code.replaceAll(/[^\0-\x7f]+/g, (text) => {
    const bytes = [...Buffer.from(text, "utf8")].map((byte) => `\\x${byte.toString(16)}`).join("");
    return `'$'${bytes}''`;
  });
}

/** Whether there is a bash here that can be a zygote: 4.0 and later (macOS comes with 3.2). */
export function zygotesWork(): boolean {
  const { stdout } = spawnSync("bash", ["-c", "echo $BASH_VERSINFO"], { encoding: "utf8" });
  return Number(stdout) >= 4;
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Project } from "./project.ts";

const LIGASE = fileURLToPath(new URL("../../bin/ligase", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command line, at work in a process of its own. */
export interface Command {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `ligase …` in a project's folder. Every process of it, to the last descendant, carries the project's mark. */
export function ligase(
  project: Project,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { uid }: { readonly uid?: number | undefined } = {},
): Command {
  const child = spawn(process.execPath, [LIGASE, ...argv], {
    cwd: project.root,
    env: { ...process.env, LIGASE_FROM: "src", LEDGER: project.ledger, [MARK]: project.root, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid !== undefined && { uid }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // Not "close": an orphan may hold the pipes for longer.
  const ended = new Promise<Ended>((resolve) => {
    child.on("exit", (code, signal) => setImmediate(() => resolve({ code, signal, stdout, stderr })));
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    for (const pid of marked(project)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
  });
  return { process: child, ended };
}

/** What a command that must succeed writes to stdout. */
export async function answer({ ended }: Command): Promise<string> {
  const { code, signal, stdout, stderr } = await ended;
  if (code !== 0) throw new Error(`ended with ${signal ?? code}:\n${stdout}${stderr}`);
  return stdout;
}

const MARK = "LIGASE_TEST_MARK";

/** The processes that carry a project's mark. */
export function marked(project: Project): number[] {
  const mark = `${MARK}=${project.root}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark)) return false;
        // A zombie is no process any more; its parent in a container may never collect it.
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
      } catch {
        return false;
      }
    });
}

/** Waits until something holds. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited in vain until ${what}`);
}

/** How many calls of a task the store holds with their bodies: what a crash can no longer take away. */
export function durable(project: Project, task: string): number {
  return count(project, "select count(*) as n from calls where task = ?", task);
}

/** How many runs have begun. */
export function runs(project: Project): number {
  return count(project, "select count(*) as n from runs");
}

/** How many processes say that they work on a project's store. */
export function engines(project: Project): number {
  return count(project, "select count(*) as n from engines");
}

function count(project: Project, sql: string, ...values: readonly string[]): number {
  const path = project.path(".ligase/store.db");
  if (!existsSync(path)) return 0;
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    // One that died before it had made its tables has none.
    if (db.prepare("select 1 from sqlite_master").get() === undefined) return 0;
    return Number(db.prepare(sql).get(...values)?.["n"]);
  } finally {
    db.close();
  }
}

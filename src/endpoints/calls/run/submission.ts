import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isId, newId } from "../../../kernel/index.ts";
import type { NewRun } from "../../../remote/index.ts";

/** What is remembered of a run that was handed in, from before it begins. */
export interface Submission {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
  readonly by: string;
  readonly codeDir: string;
  readonly entry: string;
  readonly name: string;
  readonly command: NewRun["command"] | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly failFast: boolean;
  /** Its process, once it is started. */
  readonly process: { readonly pid: number; readonly started: string } | null;
  /** It was cancelled before it had begun. */
  readonly cancelled: boolean;
}

/** The files of runs that were handed in: a folder each, in the store's folder. */
export class SubmissionFiles {
  readonly #base: string;

  constructor(storeDir: string) {
    this.#base = join(storeDir, "submitted");
  }

  path(id: string, file: "expression" | "refusal.json" | "stdout" | "stderr" | "submission.json"): string {
    return join(this.#base, id, file);
  }

  /** Keeps a submission: what was answered with its id is there when the server is not any more. */
  write(submission: Submission): void {
    const path = this.path(submission.id, "submission.json");
    const temporary = `${path}.${newId()}`;
    writeFileSync(temporary, JSON.stringify(submission), { flush: true });
    renameSync(temporary, path);
  }

  create(submission: Submission, expression: string | undefined): void {
    mkdirSync(join(this.#base, submission.id), { recursive: true });
    if (expression !== undefined) writeFileSync(this.path(submission.id, "expression"), expression, { flush: true });
    this.write(submission);
  }

  read(id: string): Submission | undefined {
    if (!isId(id)) return undefined;
    try {
      return JSON.parse(readFileSync(this.path(id, "submission.json"), "utf8")) as Submission;
    } catch {
      return undefined;
    }
  }

  /** Oldest first. */
  list(): readonly Submission[] {
    let names: string[];
    try {
      names = readdirSync(this.#base);
    } catch {
      return [];
    }
    return names.flatMap((id) => this.read(id) ?? []).toSorted((a, b) => a.submittedAt - b.submittedAt);
  }

  /** The text of a file; empty where there is none. */
  text(id: string, file: "refusal.json" | "stderr"): string {
    try {
      return readFileSync(this.path(id, file), "utf8");
    } catch {
      return "";
    }
  }

  remove(id: string): void {
    rmSync(join(this.#base, id), { recursive: true, force: true });
  }
}

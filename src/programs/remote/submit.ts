import { realpathSync } from "node:fs";
import type { Program } from "../../code/types.ts";
import { serverOf } from "../../files/links/index.ts";
import { isLoopback, type NewRun, type Remote, type RunView, type ServerView, uploadCode } from "../../remote/index.ts";
import { packCode } from "./code.ts";
import { encodeForServer } from "./inputs.ts";
import { RemoteRun } from "./remote-run.ts";

/** What is to run on a server. */
export interface Submission extends Pick<NewRun, "name" | "tags" | "noCache" | "failFast"> {
  readonly program: Pick<Program, "root" | "entry" | "tasks">;
  /** The store of the project here: what lies in it is no code. */
  readonly storeDir: string;
  /** Is it an ordinary program? What it does when it is started must not happen on the server. */
  readonly runsItself: boolean;
  /** What is evaluated: it may be lazy, or hold lazy parts. */
  readonly value: unknown;
  /** Hears what goes on: `sending 3 files`. */
  readonly say?: (line: string) => void;
  readonly onChange?: (view: RunView) => void;
}

/**
 * Hands a run in to a server: sends the code that it does not have, and what is to be evaluated.
 *
 * @throws LigaseError `LIGASE_E_REMOTE_FILE`; what `packProgram` raises; what the server refuses
 */
export async function submitRun(remote: Remote, submission: Submission): Promise<RemoteRun> {
  const { program, value, storeDir, runsItself, name, tags, noCache, failFast, say, onChange } = submission;
  const server = await remote.ask<ServerView>("GET", "/server");
  const [code, expression] = await Promise.all([
    packCode(program, storeDir, runsItself),
    encodeForServer(value, isHere(remote, server)),
  ]);
  const files = [...code.files, ...expression.files];
  await uploadCode(remote, files, ({ files: all, sentFiles }) => {
    if (all > 0 && sentFiles === 0) say?.(`sending ${all} ${all === 1 ? "file" : "files"} to ${remote.url}`);
  });
  const run: NewRun = {
    code: files.map(({ path, hash, size, executable }) => ({ path, hash, size, executable })),
    entry: code.entry,
    expression: expression.text,
    ...(name !== undefined && { name }),
    ...(tags && { tags }),
    ...(noCache !== undefined && { noCache }),
    ...(failFast !== undefined && { failFast }),
  };
  const view = await remote.ask<RunView>("POST", "/runs", run);
  return new RemoteRun(remote, view, {
    tasks: program.tasks,
    storeDir: server.storeDir,
    ...(onChange && { onChange }),
  });
}

/** Does the server see the files of this machine? Behind a port that is forwarded it may be another one. */
function isHere(remote: Remote, { storeDir }: ServerView): boolean {
  if (!isLoopback(remote.url)) return false;
  try {
    const url = serverOf(realpathSync(storeDir));
    return url !== undefined && new URL(url).port === new URL(remote.url).port;
  } catch {
    return false;
  }
}

import { mkdtempSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { serverOf } from "../files/links/index.ts";
import { tryLock } from "../files/lock.ts";
import { LigaseError } from "../kernel/index.ts";

/** What a server has of its store, as the only one. */
export interface Place {
  /** Where its Unix socket is to be: in a folder of its own, which a worker in an environment may be shown. */
  readonly socket: string;
  release(): void;
}

const PREFIX = "ligase-server-";

/**
 * Takes the place of the server of a store: there is one, for what waits in the queue is given to workers by one process.
 *
 * @throws LigaseError `LIGASE_E_SERVER_RUNS` when another has it
 */
export function takePlace(storeDir: string): Place {
  const held = tryLock(join(storeDir, "server.lock"));
  if (!held) {
    const url = serverOf(storeDir);
    throw new LigaseError("LIGASE_E_SERVER_RUNS", `a server runs for ${storeDir} already${url ? `, at ${url}` : ""}`, {
      facts: { storeDir, url },
      mend: "use that one, or end it first; --store serves another store",
    });
  }
  // The path of a socket must be short, which that of a store need not be. The link says where it was, to who comes after
  // a server that was killed.
  const link = join(storeDir, "server.socket");
  removeFolderOf(link);
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  symlinkSync(join(folder, "socket"), link);
  return {
    socket: join(folder, "socket"),
    release() {
      removeFolderOf(link);
      held.release();
    },
  };
}

/** Removes a link, and the folder of the socket that it leads to. */
function removeFolderOf(link: string): void {
  try {
    const folder = dirname(readlinkSync(link));
    if (dirname(folder) === tmpdir() && basename(folder).startsWith(PREFIX))
      rmSync(folder, { recursive: true, force: true });
  } catch {
    // There was none.
  }
  rmSync(link, { force: true });
}

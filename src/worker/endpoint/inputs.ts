import { mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, sep } from "node:path";
import type { Makers } from "../../code/parameters/index.ts";
import { Dir, File, WorkDir } from "../../files/index.ts";
import { LigaseError, newId } from "../../kernel/index.ts";

/** Names the folders whose files the input of a job may name, as `PATH` does: who may submit a job may then read them. */
const FOLDERS = "LIGASE_INPUT_FOLDERS";

/** Asked once: it costs 11 µs, a quarter of what a worker spends on a job that does nothing. */
const TMP = tmpdir();

/** A folder for what one job makes: it is there once something is written in it, and gone when the job is over. */
export class JobDir extends WorkDir {
  constructor() {
    super(join(TMP, `ligase-job-${newId()}`));
  }

  /** Is this path in it? */
  holds(path: string): boolean {
    return path.startsWith(this.path + sep);
  }

  remove(): void {
    if (this.used) rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * How texts in the input become files: a URL, a `data:` URL with the content itself, or a path. Whoever may submit a job
 * may not therefore read all that the worker can: outside of an environment, only paths in the folder of the code and in
 * those of {@link FOLDERS} are taken.
 */
export function inputFiles(job: JobDir, { codeDir, enclosed }: { codeDir: string; enclosed: boolean }): Makers {
  const allowed = <T extends File | Dir>(made: T, given: string): T => {
    if (enclosed || /^https?:/i.test(made.path)) return made;
    const folders = [codeDir, ...(process.env[FOLDERS] ?? "").split(delimiter)].filter((folder) => folder !== "");
    // By its real place: a link may lead anywhere.
    const path = realPath(made.path);
    if (folders.some((folder) => path.startsWith(realPath(folder) + sep))) return made;
    throw new LigaseError(
      "LIGASE_E_INPUT_PATH",
      `${given} is on the server's machine, in no folder that jobs may name`,
      {
        facts: { path: given },
        mend: `send a URL, or the content as a data: URL; or deploy the endpoint with env: { ${FOLDERS}: "/data" }`,
      },
    );
  };
  return {
    file: (given) => (given.startsWith("data:") ? fileOfData(job, given) : allowed(new File(given), given)),
    dir: (given) => allowed(new Dir(given), given),
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // One that is not there: it says so when it is read.
    return path;
  }
}

/** `data:text/plain;name=reads.fa;base64,Pj…` */
function fileOfData(job: JobDir, url: string): File {
  const comma = url.indexOf(",");
  if (comma < 0) {
    throw new LigaseError("LIGASE_E_LOCATION", "a data: URL has no comma before its content", {
      mend: "write data:;base64,… or data:,text",
    });
  }
  const about = url.slice("data:".length, comma).split(";");
  const said = about.find((part) => part.startsWith("name="))?.slice("name=".length) ?? "";
  const name = basename(decodeURIComponent(said)).replace(/^\.+$/, "") || "file";
  const text = url.slice(comma + 1);
  // A folder for each: two may have one name, and the name counts.
  const path = join(job.path, newId(), name);
  job.used = true;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, about.includes("base64") ? Buffer.from(text, "base64") : decodeURIComponent(text));
  return new File(path);
}

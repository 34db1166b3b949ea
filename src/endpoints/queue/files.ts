import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fsError } from "../../files/index.ts";
import { LigaseError, newId } from "../../kernel/index.ts";

const FOLDER = "queue";
const TEMPORARY = ".tmp";

/** Large inputs and outputs: a file each, in full and on the disk before the row that names it. */
export class QueueFiles {
  readonly #storeDir: string;

  constructor(storeDir: string) {
    this.#storeDir = storeDir;
  }

  /**
   * Keeps a text; answers where, relative to the folder of the store.
   *
   * @throws LigaseError `LIGASE_E_DISK_FULL` and the like
   */
  async write(job: string, kind: "input" | "output", text: string): Promise<string> {
    // Ids are random, and of letters that names may have. A retried job has more than one output.
    const name = `${FOLDER}/${job.slice(-5, -3)}/${job}.${newId()}.${kind}`;
    const path = join(this.#storeDir, name);
    const temporary = `${path}${TEMPORARY}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(temporary, "wx", 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      const folder = await open(dirname(path), "r");
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
      return name;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw fsError(error, path, "write");
    }
  }

  /** @throws LigaseError `LIGASE_E_VALUE_MISSING` when it is gone */
  async read(name: string): Promise<string> {
    const path = join(this.#storeDir, name);
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      throw new LigaseError("LIGASE_E_VALUE_MISSING", `what a job's row says is in ${path} cannot be read`, {
        mend: "restore the file, or submit the job again",
        facts: { path },
        cause: error,
      });
    }
  }

  /** Removes some, as far as it can: what stays is swept later. */
  async remove(names: Iterable<string | null>): Promise<void> {
    for (const name of names) {
      if (name !== null) await rm(join(this.#storeDir, name), { force: true }).catch(() => {});
    }
  }

  /** Removes what is older than a time and no row names: a crash between file and row has left it. */
  async sweep(
    before: number,
    isNamed: (job: string, name: string) => Promise<boolean>,
    isOver: () => boolean,
  ): Promise<void> {
    const root = join(this.#storeDir, FOLDER);
    for (const folder of await readdir(root).catch(() => [])) {
      for (const file of await readdir(join(root, folder)).catch(() => [])) {
        if (isOver()) return;
        const path = join(root, folder, file);
        const made = await stat(path).catch(() => undefined);
        if (made === undefined || made.mtimeMs >= before) continue;
        const [job = ""] = file.split(".", 1);
        if (file.endsWith(TEMPORARY) || !(await isNamed(job, `${FOLDER}/${folder}/${file}`))) {
          await rm(path, { force: true }).catch(() => {});
        }
      }
    }
  }
}

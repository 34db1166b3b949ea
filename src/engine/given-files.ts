import { eachWritten, File, holdsFiles, nameOf } from "../files/index.ts";
import type { Codec } from "../kernel/index.ts";
import type { ValueFile } from "../store/types.ts";

/**
 * Where the files are that a call was given. What is recorded of an equal call, here or on another machine, names the
 * places where they were then. A file counts by name and content, so the one at hand stands for it; but only for one
 * in a place where this argument was seen before: a copy that the call itself made elsewhere is something else, though
 * its name and content are the same.
 */
export class GivenFiles {
  /** By content and earlier place. */
  readonly #now = new Map<string, string>();

  /**
   * @param args - the arguments, as the codec writes them
   * @param seen - every place where the files in these arguments were seen
   */
  constructor(codec: Codec, args: string, seen: readonly ValueFile[]) {
    const given = new Map<string, string>();
    if (holdsFiles(args)) {
      eachWritten(JSON.parse(args), ({ hash, path }) => void given.set(`${hash} ${nameOf(path)}`, path));
    }
    for (const { hash, name, path } of seen) {
      const now = given.get(`${hash} ${name}`);
      if (now === undefined) continue;
      eachWritten(JSON.parse(codec.encode(new File(path)).text), (before) => {
        this.#now.set(`${hash} ${before.path}`, now);
      });
    }
  }

  /** The text of a recorded value or expression with the files in it where they are now. */
  placed(text: string): string {
    if (this.#now.size === 0 || !holdsFiles(text)) return text;
    const json: unknown = JSON.parse(text);
    let moved = false;
    eachWritten(json, (file) => {
      const now = this.#now.get(`${file.hash} ${file.path}`);
      if (now === undefined || now === file.path) return;
      file.path = now;
      moved = true;
    });
    return moved ? JSON.stringify(json) : text;
  }
}

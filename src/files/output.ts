import { statSync } from "node:fs";
import { LigaseError } from "../kernel/index.ts";
import type { Dir } from "./dir.ts";
import { File, setSidecars } from "./file.ts";
import { type LinkOptions, outputLink } from "./links/index.ts";
import { knownOf, localPath, Located, setKnown, setLocalPath } from "./located.ts";
import { isRemote } from "./location.ts";
import { isMediaType, mediaTypeOf } from "./media-types.ts";
import { currentWorkDir } from "./work-dir.ts";
import type { Content } from "./write.ts";

/** What {@link output} may be told. */
export interface OutputOptions {
  /** What it holds: `text/plain`. By default that is known by the end of its name. */
  readonly mediaType?: string;
}

let saidTypeOf: (value: Output) => string | undefined;

/**
 * A file that a task hands to people: a `File` in everything, and besides it has a link that opens in a browser. The link
 * is made anew whenever the output is shown, with an expiry and a signature, so that a result from the cache never carries
 * a dead one; `ligase serve` answers it.
 *
 * It is made by {@link output}.
 *
 * @example
 * ```ts
 * const map = task(async (name: string): Promise<Output> => Output.write(`${name}.svg`, draw(name)));
 * ```
 */
export class Output extends File {
  readonly #mediaType: string | undefined;

  /** @param location - see {@link File}; use {@link output} in a task */
  constructor(location: string | URL, options: OutputOptions = {}) {
    super(location);
    this.#mediaType = options.mediaType;
    if (options.mediaType !== undefined && !isMediaType(options.mediaType)) {
      throw new LigaseError("LIGASE_E_OPTION", `${JSON.stringify(options.mediaType)} is no media type`, {
        facts: { mediaType: options.mediaType },
        mend: 'write it as "image/png"',
      });
    }
  }

  static {
    saidTypeOf = (value) => value.#mediaType;
  }

  /** What it holds: `image/svg+xml`. */
  get mediaType(): string {
    return this.#mediaType ?? mediaTypeOf(this.name);
  }

  /** The same as a plain `File`. */
  get file(): File {
    const file = new File(this.path);
    setKnown(file, knownOf(this));
    const local = localPath(this);
    if (local !== undefined && isRemote(this.path)) setLocalPath(file, local);
    setSidecars(file, this.sidecars);
    return file;
  }

  /**
   * A link to it, which ends at its expiry. Ask for one where it is shown, and do not keep it.
   *
   * @returns the link; nothing while nobody serves this store: `ligase serve` does
   * @throws LigaseError `LIGASE_E_LINK` in the task that makes it: there is a link once the task has returned it
   * @example
   * ```ts
   * const map = await run(plasmidMap(record));
   * console.log(map.url({ expires: "1h" }) ?? map.path);
   * ```
   */
  url(options: LinkOptions = {}): string | undefined {
    return outputLink({ path: this.path, hash: knownOf(this)?.hash, mediaType: this.#mediaType }, options);
  }

  /**
   * Writes a file in the task's directory, as an output.
   *
   * @example
   * ```ts
   * const plot = task(async (counts: number[]) => Output.write("counts.svg", draw(counts)));
   * ```
   */
  static override async write(name: string, content: Content): Promise<Output> {
    return output(await File.write(name, content));
  }
}

/** The media type that was said, and does not come of the name. For Ligase only. */
export function saidType(value: Output): string | undefined {
  return saidTypeOf(value);
}

/** How an output was named to {@link output}, for the outputs of a script. */
const given = new WeakMap<Output, string>();

/** How an output was named when it was made in this process; nothing for one that was not given by name. For Ligase only. */
export function givenName(value: Output): string | undefined {
  return given.get(value);
}

/**
 * Hands a file, or a folder (as a zip file), to people: returned by a task, it is kept, and shown with a link that opens
 * in a browser. A path counts from the task's own directory; what other tasks left may be given as their `File` or `Dir`.
 * Among the `outputs` of a script it says that a file is one of those.
 *
 * @throws LigaseError `LIGASE_E_OUTPUTS` for what is neither a path, a File nor a Dir
 * @example
 * ```ts
 * const report = task({ cpu: 1 }, async (counts: File) => {
 *   await writeFile("report.html", page(await counts.text()));
 *   return { page: output("report.html"), plots: output("plots/") };
 * });
 *
 * const plot = task((table: File) => script({ outputs: { svg: output("plot.svg") } })`Rscript plot.R ${table}`);
 * ```
 */
export function output(what: string | File | Dir, options: OutputOptions = {}): Output {
  // Asked in any case: what lies in the directory is taken over then.
  const workDir = currentWorkDir();
  if (typeof what === "string") {
    if (what === "") throw noOutput(what);
    const path = what.replace(/(?!^)\/+$/, "");
    const value = new Output(workDir === undefined || path.startsWith("/") ? path : `${workDir}/${path}`, options);
    given.set(value, what);
    return value;
  }
  if (!(what instanceof Located)) throw noOutput(what);
  const value = new Output(what.path, options);
  const local = localPath(what);
  if (local !== undefined && isRemote(what.path)) setLocalPath(value, local);
  if (what instanceof File) {
    setKnown(value, knownOf(what));
    setSidecars(value, what.sidecars);
  }
  return value;
}

function noOutput(what: unknown): LigaseError {
  const is = typeof what === "string" ? JSON.stringify(what) : `a ${typeof what}`;
  return new LigaseError("LIGASE_E_OUTPUTS", `output() was given ${is}, which names no file`, {
    mend: 'give it a path, a File or a Dir: output("plot.svg")',
  });
}

/** Does it stand for a folder, of which a zip file is made when its task returns it? */
export function isFolder(value: Output): boolean {
  return !isRemote(value.path) && (statSync(value.path, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

import type { Hash } from "../../kernel/index.ts";
import { isLift } from "../../project/owner.ts";
import type { ProjectRecord } from "../open.ts";
import { type StoredFile, storedFiles } from "../stored-files.ts";
import { locate } from "../stored-value.ts";
import { CallBook, type KnownCall } from "./call-facts.ts";
import { makerOfFile } from "./maker.ts";
import type { CallOrigin, FileOrigin, ValueOrigin } from "./types.ts";

/** Of a tree of more calls the rest is left out. */
const MOST_CALLS = 1000;

/** Follows files and values to the calls that made them, up to the sources. Each call is followed once. */
export class Upstream {
  readonly #record: ProjectRecord;
  readonly #book: CallBook;
  readonly #told = new Set<Hash>();

  constructor(record: ProjectRecord) {
    this.#record = record;
    this.#book = new CallBook(record);
  }

  /** Where a call came from. */
  async call(key: Hash): Promise<CallOrigin | undefined> {
    const known = await this.#book.find(key);
    if (!known) return undefined;
    const { facts } = known;
    const repeated = this.#told.has(facts.call);
    if (repeated) return { ...facts, inputs: [], repeated, leftOut: 0 };
    this.#told.add(facts.call);
    return { ...facts, ...(await this.#inputsOf(known)), repeated };
  }

  /** Where a file in an argument came from. */
  async #file({ at, name, path, hash = "", size, isDir }: StoredFile): Promise<FileOrigin> {
    const maker = await makerOfFile(this.#record, hash, path);
    const madeBy = maker === undefined ? undefined : await this.call(maker);
    return { argument: at, name, path: locate(path, this.#record), hash, size, isDir, madeBy };
  }

  async #inputsOf({ row, owner, names }: KnownCall): Promise<Pick<CallOrigin, "inputs" | "leftOut">> {
    const { store } = this.#record;
    const values = await store.findValues([owner.argsValue, row.argsValue]);
    const files = new Map<string, StoredFile>();
    const add = (hash: Hash, given: readonly string[] | undefined): void => {
      for (const file of storedFiles(values.get(hash) ?? "[]", given)) {
        // Indices lie beside their file and were made with it, mostly: they are told with the file.
        if (!files.has(file.path)) files.set(file.path, given ? file : { ...file, at: "" });
      }
    };
    add(owner.argsValue, names);
    // What a body adds to what it was given: `new File(…)` in a gap of the script.
    if (row.key !== owner.call) add(row.argsValue, undefined);
    const inputs: (FileOrigin | ValueOrigin)[] = [];
    let leftOut = 0;
    for (const file of files.values()) {
      if (this.#told.size < MOST_CALLS) inputs.push(await this.#file(file));
      else leftOut++;
    }
    const roots = new Set([...files.values()].map(({ at }) => at.split(/[.[]/, 1)[0]));
    for (const { argument, from } of await store.listDataEdges(owner.call)) {
      const [index = ""] = argument.split(".");
      const name = names[Number(index)] || `argument ${Number(index) + 1}`;
      // An argument with files is told by its files.
      if (roots.has(name)) continue;
      if (this.#told.size >= MOST_CALLS) {
        leftOut++;
        continue;
      }
      const of = await this.call(from);
      // A small computation in between is nothing that people know as a step.
      if (of && isLift(of)) inputs.push(...of.inputs.map((input) => ({ ...input, argument: name })));
      else if (of) inputs.push({ argument: name, of });
    }
    return { inputs, leftOut };
  }
}

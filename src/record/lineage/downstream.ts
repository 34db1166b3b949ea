import type { Hash } from "../../kernel/index.ts";
import { isLift } from "../../project/owner.ts";
import type { DataEdgeRow } from "../../store/types.ts";
import type { ProjectRecord } from "../open.ts";
import { type StoredFile, storedFiles } from "../stored-files.ts";
import { locate, storedValue } from "../stored-value.ts";
import { CallBook, type KnownCall } from "./call-facts.ts";
import { innermost } from "./maker.ts";
import type { CallUse, FileUse } from "./types.ts";

/** A tree of more calls is cut. */
const MOST_CALLS = 1000;
const LONGEST_VALUE = 200;

/** Follows a file to the calls that used it, and to what they made. Each call is followed once. */
export class Downstream {
  readonly #record: ProjectRecord;
  readonly #book: CallBook;
  readonly #told = new Set<Hash>();
  readonly #edges = new Map<string, Promise<readonly DataEdgeRow[]>>();

  constructor(record: ProjectRecord) {
    this.#record = record;
    this.#book = new CallBook(record);
  }

  /** The calls that used a content: those that handed it to others are not told. */
  async usesOf(hash: string): Promise<readonly CallUse[]> {
    const found = await this.#record.store.findByFile(hash);
    const given = [...new Set(found.filter(({ role }) => role === "argument").map(({ call }) => call))];
    const uses: CallUse[] = [];
    for (const key of await innermost(this.#record, given)) {
      const known = await this.#book.find(key);
      if (known) uses.push(...(await this.#uses(known, await this.#argumentOf(known, hash))));
    }
    return uses;
  }

  /** The parameter in which a content went. */
  async #argumentOf({ owner, names }: KnownCall, hash: string): Promise<string> {
    const text = (await this.#record.store.findValues([owner.argsValue])).get(owner.argsValue);
    return storedFiles(text ?? "[]", names).find((file) => file.hash === hash)?.at ?? "";
  }

  /** A small computation in between is nothing that people know as a step: what used its result did. */
  async #uses(known: KnownCall, argument: string): Promise<readonly CallUse[]> {
    return isLift(known.owner) ? this.#next(known) : [await this.#use(known, argument)];
  }

  async #use(known: KnownCall, argument: string): Promise<CallUse> {
    const { store } = this.#record;
    const { facts, owner } = known;
    const repeated = this.#told.has(facts.call) || this.#told.size >= MOST_CALLS;
    const use = { ...facts, argument, repeated };
    if (repeated) return { ...use, files: [], value: undefined, next: [] };
    this.#told.add(facts.call);
    const result = (await store.getCall(owner.call))?.resultValue ?? known.row.resultValue;
    const text = result === null ? undefined : (await store.findValues([result])).get(result);
    const files = storedFiles(text ?? "null");
    if (files.length > 0) {
      const used: FileUse[] = [];
      const given = new Set((await store.listPlaces(owner.argsValue)).map((place) => place.hash));
      for (const file of files) used.push(await this.#file(file, given));
      return { ...use, files: used, value: undefined, next: [] };
    }
    const value =
      text === undefined ? undefined : JSON.stringify(storedValue(text, this.#record)).slice(0, LONGEST_VALUE);
    return { ...use, files: [], value, next: await this.#next(known) };
  }

  async #file({ name, path, hash = "", size, isDir }: StoredFile, given: ReadonlySet<string>): Promise<FileUse> {
    const copied = given.has(hash);
    const usedBy = copied ? [] : await this.usesOf(hash);
    return { name, path: locate(path, this.#record), hash, size, isDir, copied, usedBy };
  }

  /** Where a result without files went within its run. */
  async #next({ owner }: KnownCall): Promise<readonly CallUse[]> {
    let edges = this.#edges.get(owner.run);
    if (!edges) this.#edges.set(owner.run, (edges = this.#record.store.listRunDataEdges(owner.run)));
    const next: CallUse[] = [];
    for (const { call, argument, from } of await edges) {
      if (from !== owner.call) continue;
      const known = await this.#book.find(call);
      if (!known) continue;
      const index = Number(argument.split(".")[0]);
      next.push(...(await this.#uses(known, known.names[index] || `argument ${index + 1}`)));
    }
    return next;
  }
}

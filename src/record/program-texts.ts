import type { DeclarationText } from "../code/declarations.ts";
import type { Hash } from "../kernel/index.ts";
import type { ProgramRow, Store } from "../store/types.ts";

/** A declaration as it was in a program. */
export interface Declaration extends DeclarationText {
  /** Relative to the project. */
  readonly file: string;
}

/** The recorded texts of programs, cut into declarations: each is read and parsed once. */
export class ProgramTexts {
  readonly #store: Store;
  readonly #programs = new Map<Hash, Promise<ProgramRow | undefined>>();
  readonly #modules = new Map<string, Promise<ReadonlyMap<string, DeclarationText>>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * A declaration by the name that closures have for it, `lib/trim.ts#trimAdapters`, or an imported file,
   * `asset:panel.json`. Nothing where its text was not recorded.
   */
  async declaration(program: Hash | null, name: string): Promise<Declaration | undefined> {
    const asset = /^asset:(.*)$/s.exec(name)?.[1];
    if (asset !== undefined) {
      const text = await this.#text(program, asset);
      return text === undefined ? undefined : { file: asset, line: 1, text };
    }
    const at = name.indexOf("#");
    if (at === -1) return undefined;
    const file = name.slice(0, at);
    const found = (await this.#declarations(program, file)).get(name.slice(at + 1));
    return found && { file, ...found };
  }

  /** All declarations of a program that have a name, wherever they are. */
  async named(program: Hash | null, name: string): Promise<readonly Declaration[]> {
    const modules = (await this.#program(program))?.modules ?? [];
    const found = await Promise.all(modules.map(({ path }) => this.declaration(program, `${path}#${name}`)));
    return found.filter((one) => one !== undefined);
  }

  async #text(program: Hash | null, path: string): Promise<string | undefined> {
    const hash = (await this.#program(program))?.modules.find((module) => module.path === path)?.hash;
    const value = hash === undefined ? undefined : (await this.#store.findValues([hash])).get(hash);
    if (value === undefined) return undefined;
    const text: unknown = JSON.parse(value);
    return typeof text === "string" ? text : undefined;
  }

  #declarations(program: Hash | null, path: string): Promise<ReadonlyMap<string, DeclarationText>> {
    const key = `${program ?? ""} ${path}`;
    let found = this.#modules.get(key);
    if (!found) this.#modules.set(key, (found = this.#cut(program, path)));
    return found;
  }

  async #cut(program: Hash | null, path: string): Promise<ReadonlyMap<string, DeclarationText>> {
    const text = /\.(?:[cm]?[jt]sx?|py)$/.test(path) ? await this.#text(program, path) : undefined;
    if (text === undefined) return new Map();
    // The parser takes 25 ms to load: only for commands that show code.
    const { declarationsOf } = await import("../code/declarations.ts");
    try {
      return declarationsOf(path, text);
    } catch {
      return new Map(); // a version of Ligase that read another syntax
    }
  }

  #program(id: Hash | null): Promise<ProgramRow | undefined> {
    if (id === null) return Promise.resolve(undefined);
    let found = this.#programs.get(id);
    if (!found) this.#programs.set(id, (found = this.#store.getProgram(id)));
    return found;
  }
}

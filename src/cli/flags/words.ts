import { nearest } from "../../kernel/index.ts";
import { type Slot, typeText } from "../../code/parameters/index.ts";
import type { ParameterType } from "../../expr/definition.ts";
import { type FlagProblem, type Given, nothing } from "./context.ts";
import { type FlagNames, hasKind, PARAMS, type Target } from "./names.ts";

/** What a command line says, sorted by what it is said of. */
export interface Words {
  readonly given: ReadonlyMap<Slot, Given>;
  /** The files of `--params`, in order. */
  readonly paramsFiles: readonly string[];
}

/** Sorts the words of one command line. */
class Sorter {
  readonly given = new Map<Slot, Given>();
  readonly paramsFiles: string[] = [];
  readonly #names: FlagNames;
  readonly #problems: FlagProblem[];
  readonly #argv: readonly string[];
  readonly #loose: string[] = [];
  #at = 0;

  constructor(names: FlagNames, argv: readonly string[], problems: FlagProblem[]) {
    this.#names = names;
    this.#argv = argv;
    this.#problems = problems;
  }

  sort(): void {
    while (this.#at < this.#argv.length) {
      const word = this.#argv[this.#at++]!;
      if (word === "--") {
        for (const rest of this.#argv.slice(this.#at)) this.#loose.push(rest);
        break;
      }
      if (this.#isFlag(word)) this.#flag(word);
      else this.#loose.push(word);
    }
    this.#positional();
  }

  /** `-5` and `-` are values; `-k` is a flag where a parameter is called `k`. */
  #isFlag(word: string): boolean {
    return /^--./.test(word) || (/^-[A-Za-z]$/.test(word) && !this.#names.reserved.includes(word[1]!));
  }

  /** The next word, if it can be a value. */
  #value(): string | undefined {
    const word = this.#argv[this.#at];
    const known = word !== undefined && /^-[A-Za-z]$/.test(word) && this.#names.find(word[1]!);
    if (word === undefined || known || word === "--" || /^--./.test(word)) return undefined;
    this.#at++;
    return word;
  }

  #flag(word: string): void {
    const equals = word.indexOf("=");
    const flag = equals === -1 ? word : word.slice(0, equals);
    const inline = equals === -1 ? undefined : word.slice(equals + 1);
    const name = flag.replace(/^--?/, "");
    if (name === PARAMS) return this.#paramsFile(inline ?? this.#value());
    const target = this.#names.find(name);
    if (target) return this.#take(target, flag, inline);
    const negated = name.startsWith("no-") ? this.#names.find(name.slice(3)) : undefined;
    if (negated) return this.#negate(negated, flag, inline);
    // What follows an unknown flag is most likely its value.
    if (inline === undefined) this.#value();
    this.#unknown(flag);
  }

  #paramsFile(path: string | undefined): void {
    if (path === undefined) this.#problem(`--${PARAMS}`, "needs the path of a JSON or YAML file");
    else this.paramsFiles.push(path);
  }

  #take({ slot, path, type }: Target, flag: string, inline: string | undefined): void {
    const { words } = this.#part(slot, path);
    if (inline !== undefined) return this.#add(slot, path, type, inline);
    if (type.kind === "boolean") {
      const next = this.#argv[this.#at];
      const said = next === "true" || next === "false";
      if (said) this.#at++;
      return void words.push(said ? next : "true");
    }
    const first = this.#value();
    if (first === undefined) {
      if (hasKind(type, "boolean")) words.push("true");
      else this.#problem(flag, `needs a value: ${typeText(type)}`, undefined, slot);
      return;
    }
    this.#add(slot, path, type, first);
    // A list takes every word up to the next flag, as the shell writes `--reads *.fq`.
    if (hasKind(type, "array"))
      for (let next = this.#value(); next !== undefined; next = this.#value()) words.push(next);
  }

  /** `--label batch=7` is the part `batch` of the record. */
  #add(slot: Slot, path: readonly string[], type: ParameterType, word: string): void {
    const pair = type.kind === "record" ? /^([^=[{"][^=]*)=(.*)$/s.exec(word) : null;
    if (pair) this.#part(slot, [...path, pair[1]!]).words.push(pair[2]!);
    else this.#part(slot, path).words.push(word);
  }

  #negate({ slot, path, type }: Target, flag: string, inline: string | undefined): void {
    if (inline !== undefined)
      return this.#problem(flag, "takes no value", `write ${this.#names.of(slot, path)}=${inline}`);
    if (!hasKind(type, "boolean")) {
      return this.#problem(flag, `cannot be: ${this.#names.of(slot, path)} is ${typeText(type)}`, undefined, slot);
    }
    this.#part(slot, path).words.push("false");
  }

  #part(slot: Slot, path: readonly string[]): Given {
    let part = this.given.get(slot) ?? nothing();
    this.given.set(slot, part);
    for (const name of path) {
      const below = part.fields.get(name) ?? nothing();
      part.fields.set(name, below);
      part = below;
    }
    return part;
  }

  #unknown(flag: string): void {
    const name = flag.replace(/^--?/, "");
    const reserved = this.#names.slots.find((slot) => this.#names.of(slot) === `--${PARAMS}.${name}`);
    if (reserved || this.#names.reserved.includes(name)) {
      const mend = reserved && `for the parameter write ${this.#names.of(reserved)}`;
      return this.#problem(flag, "is a flag of the command", mend, reserved);
    }
    const flags = this.#names.all();
    const near = nearest(flag, flags.keys());
    this.#problem(
      flag,
      "is not known",
      near && `did you mean ${near}?`,
      near === undefined ? undefined : flags.get(near),
    );
  }

  /** Gives the words that follow no flag to the slots that no flag named, in order. */
  #positional(): void {
    // A yes or no is said by its flag alone.
    const free = this.#names.slots.filter((slot) => !this.given.has(slot) && slot.field.type.kind !== "boolean");
    let at = 0;
    for (const [i, slot] of free.entries()) {
      const left = this.#loose.length - at;
      if (left === 0) break;
      const needed = free.slice(i + 1).filter(({ field }) => !field.optional).length;
      const count = hasKind(slot.field.type, "array") ? Math.max(1, left - needed) : 1;
      const { words } = this.#part(slot, []);
      for (const word of this.#loose.slice(at, at + count)) words.push(word);
      at += count;
    }
    for (const word of this.#loose.slice(at)) {
      const near = nearest(`--${word.replace(/^-+/, "")}`, this.#names.all().keys());
      this.#problem(JSON.stringify(word), "is one word too many", near && `did you mean ${near}?`);
    }
  }

  #problem(where: string, message: string, mend?: string, meant?: Slot): void {
    this.#problems.push({ where, message, mend, meant });
  }
}

/** Sorts the words of a command line by the slots they are said of. What is wrong is added to the problems. */
export function sortWords(names: FlagNames, argv: readonly string[], problems: FlagProblem[]): Words {
  const sorter = new Sorter(names, argv, problems);
  sorter.sort();
  return sorter;
}

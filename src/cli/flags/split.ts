/** The command's own flags by name, without dashes (`json`, `cpus`, `h`): does it take a value? */
export type OwnFlags = Readonly<Record<string, "boolean" | "value">>;

/**
 * Parts the words of a command line: the command's own flags, wherever they stand before `--`, and
 * those of the task.
 *
 * @example
 * ```ts
 * splitFlags(["--reads", "a.fq", "--cpus", "4", "--json"], { cpus: "value", json: "boolean" });
 * // { own: ["--cpus", "4", "--json"], rest: ["--reads", "a.fq"] }
 * ```
 */
export function splitFlags(argv: readonly string[], flags: OwnFlags): { own: string[]; rest: string[] } {
  const own: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === "--") {
      rest.push(...argv.slice(i));
      break;
    }
    const name = /^--?([^=]+)/.exec(word)?.[1] ?? "";
    const dashes = name.length === 1 ? /^-[^-]/ : /^--/;
    const kind = dashes.test(word) && Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (kind === undefined) rest.push(word);
    else {
      own.push(word);
      if (kind === "value" && !word.includes("=") && i + 1 < argv.length) own.push(argv[++i]!);
    }
  }
  return { own, rest };
}

import { errorFacts, LigaseError } from "../../kernel/index.ts";
import { ProgramFailed } from "./program.ts";

/** How many lines of a failing program its error shows. */
const SHOWN = 12;

/** What a program's last lines tell of why it failed. */
interface Reason {
  readonly pattern: RegExp;
  readonly message: (found: RegExpExecArray, title: string) => string;
  readonly mend: string;
}

const REASONS: readonly Reason[] = [
  {
    pattern: /No space left on device|ENOSPC|disk quota exceeded/i,
    message: () => "the disk is full",
    mend: "free some space: ligase image gc, ligase gc; or keep environments elsewhere: LIGASE_IMAGES=/big/disk",
  },
  {
    pattern:
      /Unable to locate package (\S+)|E: Package '(\S+)' has no installation candidate|Couldn't find any package by \w+ '([^']+)'/,
    message: (found) => `there is no Debian package ${found[1] ?? found[2] ?? found[3]}`,
    mend: "look it up: https://packages.debian.org; what conda has is added with .conda(…)",
  },
  {
    pattern: /Version '([^']+)' for '([^']+)' was not found/,
    message: (found) => `Debian's archive does not have ${found[2]} in version ${found[1]} any more`,
    mend: "leave the version out, or take it from a lock: ligase image lock",
  },
  {
    pattern: /No matching distribution found for (\S+)/,
    message: (found) => `there is no Python package ${found[1]}, or none for this version of Python`,
    mend: "look it up: https://pypi.org; check the name and the version",
  },
  {
    pattern:
      /nothing provides(?: requested)? ([^\s,]+)|([^\s│├└─]+)[^\n]* does not exist \(perhaps a typo|PackagesNotFoundError/,
    message: (found) => `the channels have no conda package ${found[1] ?? found[2] ?? ""}`.trimEnd(),
    mend: "look it up: https://anaconda.org; name its channel: .conda(…, { channels: […] })",
  },
  {
    pattern: /THESE PACKAGES DO NOT MATCH THE HASHES/,
    message: () => "a Python package is not the one that was locked",
    mend: "somebody changed it after the lock was made: find out why before you lock anew",
  },
  {
    pattern: /manifest unknown|name unknown|repository name not known|not found: manifest|manifest for .* not found/i,
    message: (_, title) => `the registry has no such image: ${title}`,
    mend: "check its name, tag and digest",
  },
  {
    pattern: /unauthorized|authentication required|denied: |requested access to the resource is denied/i,
    message: (_, title) => `the registry does not let you have ${title}: it does not exist, or you must log in`,
    mend: "check the name; log in with: skopeo login <registry>",
  },
  {
    pattern:
      /Temporary failure (?:in name resolution|resolving)|Could not resolve|no such host|Connection refused|connection refused|Network is unreachable|network is unreachable|i\/o timeout|Connection timed out|Connection failed|Could not connect|NewConnectionError|TLS handshake timeout|server misbehaving|Download error/,
    message: () => "what it is made of could not be reached",
    mend: "check the network and the address; behind a proxy set https_proxy; a Debian mirror is named by LIGASE_DEBIAN_MIRROR",
  },
];

/** Why a program failed, where its last lines say it. */
export function reasonOf(tail: readonly string[], title: string): { message: string; mend: string } | undefined {
  const text = tail.join("\n");
  for (const { pattern, message, mend } of REASONS) {
    const found = pattern.exec(text);
    if (found !== null) return { message: message(found, title), mend };
  }
  return undefined;
}

/** The command as its user knows it: not how the sandbox was entered to run it. */
export function shownCommand(command: readonly string[]): string {
  const inside = command.indexOf("--", command.findIndex((word) => word.endsWith("bwrap")) + 1);
  const own = command.some((word) => word.endsWith("bwrap")) && inside !== -1 ? command.slice(inside + 1) : command;
  if (own[0] === "/bin/sh" && own[1] === "-e") return own[3] ?? "";
  const plain = own.filter((word, at) => word !== "-o" && own[at - 1] !== "-o");
  return plain.map((word) => (/^[\w@%+=:,./^~<>!-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}

/** The one error of a build that failed: what, why, the last lines, where the rest is. */
export function buildError(
  error: unknown,
  image: { short: string; title: string; step: string },
  log: string,
): unknown {
  if (error instanceof LigaseError) return error;
  if (error instanceof Error && error.name === "AbortError") return error;
  const { short, title, step } = image;
  const failed = error instanceof ProgramFailed ? error : undefined;
  const tail = failed?.tail.filter((line) => line.trim() !== "") ?? [];
  const system = errorFacts(error);
  const reason = reasonOf([...tail, system.code ?? "", system.message], title);
  const command = failed === undefined ? step : shownCommand(failed.command);
  const what = reason?.message ?? (failed === undefined ? system.message : `${command}: ${failed.message}`);
  const lines = tail.slice(-SHOWN).map((line) => `  ${line}`);
  return new LigaseError(
    "LIGASE_E_IMAGE_BUILD",
    [`the image ${short} (${title}) could not be built: ${what}`, ...lines].join("\n"),
    {
      mend: `${reason?.mend ?? "mend the definition"}; all that was printed: ${log}`,
      facts: { image: short, step, command, log, status: failed?.status ?? null, tail },
      cause: failed === undefined ? error : undefined,
    },
  );
}

import { errorFacts, LigaseError } from "../../kernel/index.ts";
import { ProgramFailed } from "./program.ts";

/** How many lines of a failing program its error shows. */
const SHOWN = 12;

/** What a program's last lines tell of why it failed. */
interface Reason {
  /** The programs of whose lines it is told: others print the same words for other reasons. */
  readonly of: RegExp;
  readonly pattern: RegExp;
  readonly message: (found: RegExpExecArray, title: string) => string;
  readonly mend: string;
}

const APT = /^apt-get|mmdebstrap/;
const PIP = /-m pip /;
const CONDA = /micromamba/;
const REGISTRY = /skopeo|podman|buildah|docker/;
const ANY = /(?:)/;

const REASONS: readonly Reason[] = [
  {
    of: ANY,
    pattern: /No space left on device|ENOSPC|disk quota exceeded/i,
    message: () => "the disk is full",
    mend: "free some space: ligase image gc, ligase gc; or keep environments elsewhere: LIGASE_IMAGES=/big/disk",
  },
  {
    of: APT,
    pattern:
      /Unable to locate package (\S+)|E: Package '(\S+)' has no installation candidate|Couldn't find any package by \w+ '([^']+)'/,
    message: (found) => `there is no Debian package ${found[1] ?? found[2] ?? found[3]}`,
    mend: "look it up: https://packages.debian.org; what conda has is added with .conda(…)",
  },
  {
    of: APT,
    pattern: /Version '([^']+)' for '([^']+)' was not found/,
    message: (found) => `Debian's archive does not have ${found[2]} in version ${found[1]}`,
    mend: "leave the version out, and keep what you get with ligase image lock",
  },
  {
    of: PIP,
    pattern: /No matching distribution found for (\S+)/,
    message: (found) => `there is no Python package ${found[1]}, or none for this version of Python`,
    mend: "look it up: https://pypi.org; check the name and the version",
  },
  {
    of: PIP,
    pattern: /THESE PACKAGES DO NOT MATCH THE HASHES/,
    message: () => "a Python package is not the one that was locked",
    mend: "somebody changed it after the lock was made: find out why before you lock anew",
  },
  {
    of: CONDA,
    pattern:
      /nothing provides(?: requested)? ([^\s,]+)|PackagesNotFoundError|([^\s│├└─]+)[^\n]* does not exist \(perhaps a typo/,
    message: (found) => `the channels have no conda package ${found[1] ?? found[2] ?? ""}`.trimEnd(),
    mend: "look it up: https://anaconda.org; name its channel: .conda(…, { channels: […] })",
  },
  {
    of: REGISTRY,
    pattern: /manifest unknown|name unknown|repository name not known|manifest for .* not found/i,
    message: (_, title) => `the registry has no such image: ${title}`,
    mend: "check its name, tag and digest",
  },
  {
    of: REGISTRY,
    pattern: /unauthorized|authentication required|requested access to the resource is denied/i,
    message: (_, title) => `the registry does not let you have ${title}: it does not exist, or you must log in`,
    mend: "check the name; log in with: skopeo login <registry>",
  },
  {
    of: REGISTRY,
    pattern:
      /dial tcp|i\/o timeout|TLS handshake timeout|server misbehaving|no such host|connection refused|connection reset/i,
    message: () => "the registry could not be reached",
    mend: "check its name and the network; behind a proxy set https_proxy",
  },
  {
    of: APT,
    pattern:
      /Temporary failure resolving|Could not resolve|Could not connect|Connection (?:failed|refused|timed out)|Unable to connect/,
    message: () => "Debian's archive could not be reached",
    mend: "check the network; behind a proxy set http_proxy; a mirror is named by LIGASE_DEBIAN_MIRROR",
  },
  {
    of: PIP,
    pattern: /NewConnectionError|Temporary failure in name resolution|ConnectTimeoutError|ProxyError/,
    message: () => "the index of Python packages could not be reached",
    mend: "check the network; behind a proxy set https_proxy; a mirror is named by PIP_INDEX_URL",
  },
  {
    of: CONDA,
    pattern: /Could not resolve host|Download error|Failed to connect|Connection timed out/,
    message: () => "the channels could not be reached",
    mend: "check the network; behind a proxy set https_proxy; name others: .conda(…, { channels: […] })",
  },
];

/**
 * Why a program failed, where its last lines say it.
 *
 * @param command - as {@link shownCommand} writes it
 */
export function reasonOf(
  command: string,
  tail: readonly string[],
  title: string,
): { message: string; mend: string } | undefined {
  const text = tail.join("\n");
  // What pip cannot reach it also does not find: the first cause counts.
  const fitting = REASONS.filter(({ of }) => of.test(command)).toSorted((a, b) => rank(b) - rank(a));
  for (const { pattern, message, mend } of fitting) {
    const found = pattern.exec(text);
    if (found !== null) return { message: message(found, title), mend };
  }
  return undefined;
}

/** A place that cannot be reached explains all else. */
const rank = ({ pattern }: Reason): number => (/onnect|ENOSPC|dial tcp/.test(pattern.source) ? 1 : 0);

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
  const command = failed === undefined ? step : shownCommand(failed.command);
  const reason = reasonOf(command, failed === undefined ? [system.code ?? "", system.message] : tail, title);
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

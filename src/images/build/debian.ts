import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { DEBIAN } from "../definition/checks.ts";
import { type Mismatch, mismatches } from "../lock/make.ts";
import type { ImageLock } from "../lock/types.ts";
import { DEFAULT_PATH } from "./default-path.ts";
import { readPackages } from "./packages.ts";
import { onHost } from "./paths.ts";
import { ProgramFailed } from "./program.ts";
import { removeTree, takeOwnership } from "./ownership.ts";
import { needOwners } from "./privilege.ts";
import { onMachine, type StepContext, type StepResult } from "./step.ts";

const ARCHIVE = "http://deb.debian.org/debian";
const SECURITY = "http://deb.debian.org/debian-security";
const SNAPSHOTS = "http://snapshot.debian.org/archive";
/** Where Debian's keys are on a machine that has its package `debian-archive-keyring`. */
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** One source of packages. */
export interface Source {
  readonly uri: string;
  readonly suite: string;
  /** The archive as it was once: its lists have long expired. */
  readonly old?: boolean;
}

/**
 * The mirror that this machine uses for a release, where it is Debian of the same release: nearer, and reachable where it
 * alone is. `LIGASE_DEBIAN_MIRROR` comes first.
 */
export function findSources(codename: string): readonly Source[] {
  const mirror = process.env["LIGASE_DEBIAN_MIRROR"]?.replace(/\/+$/, "");
  const own = mirror === undefined ? machineSources() : [];
  return suitesOf(codename).map((suite) => {
    const isSecurity = suite.endsWith("-security");
    const fallback = isSecurity ? (mirror === undefined ? SECURITY : `${mirror}-security`) : (mirror ?? ARCHIVE);
    return { uri: own.find((source) => source.suite === suite)?.uri ?? fallback, suite };
  });
}

/** Debian's archive as it was at some times, which its snapshots keep. `LIGASE_DEBIAN_SNAPSHOTS` names a mirror of those. */
export function snapshotSources(codename: string, times: readonly string[]): readonly Source[] {
  const base = (process.env["LIGASE_DEBIAN_SNAPSHOTS"] ?? SNAPSHOTS).replace(/\/+$/, "");
  return times.flatMap((time) =>
    suitesOf(codename).map((suite) => ({
      uri: `${base}/${suite.endsWith("-security") ? "debian-security" : "debian"}/${time}`,
      suite,
      old: true,
    })),
  );
}

const suitesOf = (codename: string): readonly string[] => [codename, `${codename}-updates`, `${codename}-security`];

/** The time now, as snapshots are named by. */
export function snapshotNow(): string {
  return new Date().toISOString().replace(/[-:]|\.\d+/g, "");
}

/** As apt reads them, one a line. */
export function sourceLines(sources: readonly Source[]): string {
  const lines = sources.map(({ uri, suite, old }) => {
    const options = `signed-by=${KEYRING}${old ? " check-valid-until=no" : ""}`;
    return `deb [${options}] ${uri} ${suite} main`;
  });
  return `${lines.join("\n")}\n`;
}

/** Makes apt take exactly the versions of a lock, where an archive has them, also where they are older than what is there. */
export function preferences(lock: ImageLock): string {
  const pins = Object.entries(lock.packages["apt"] ?? {});
  return pins.map(([name, version]) => `Package: ${name}\nPin: version ${version}\nPin-Priority: 1001\n`).join("\n");
}

/** What this machine's apt reads Debian from: only plain mirrors of Debian's own archive. */
function machineSources(): readonly Source[] {
  const folder = "/etc/apt/sources.list.d";
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return ["/etc/apt/sources.list", ...files]
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const text = readFileSync(file, "utf8");
      return file.endsWith(".sources") ? readParagraphs(text) : readLines(text);
    });
}

/** A mirror with a name and a password in its address is this machine's secret. */
const MIRROR = /^https?:\/\/[^@\s]+\/debian(-security)?\/?$/;

function readParagraphs(text: string): readonly Source[] {
  return text
    .replace(/^#.*\n/gm, "")
    .split(/\n\s*\n/)
    .flatMap((paragraph) => {
      const field = (name: string): readonly string[] =>
        new RegExp(`^${name}: *(.*)$`, "mi").exec(paragraph)?.[1]?.trim().split(/\s+/) ?? [];
      if (!field("Types").includes("deb") || !field("Components").includes("main")) return [];
      if (field("Enabled")[0] === "no") return [];
      return field("URIs")
        .filter((uri) => MIRROR.test(uri))
        .flatMap((uri) => field("Suites").map((suite) => ({ uri: uri.replace(/\/+$/, ""), suite })));
    });
}

function readLines(text: string): readonly Source[] {
  return text.split("\n").flatMap((line) => {
    const [, uri = "", suite = "", parts = ""] = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return MIRROR.test(uri) && parts.split(/\s+/).includes("main") ? [{ uri: uri.replace(/\/+$/, ""), suite }] : [];
  });
}

/** Makes the root file system of a release: what Debian calls a minimal base, with the authorities of the web. */
export async function buildDebian(context: StepContext, release: string): Promise<StepResult> {
  const { root, scratch, privilege, tools, lock } = context;
  const mmdebstrap = tools["mmdebstrap"];
  if (mmdebstrap === undefined) {
    throw new LigaseError(
      "LIGASE_E_IMAGE_ENGINE",
      `Image.debian("${release}") needs mmdebstrap, which is not installed`,
      {
        mend: "apt-get install mmdebstrap",
      },
    );
  }
  if (!existsSync(KEYRING)) {
    throw new LigaseError(
      "LIGASE_E_IMAGE_ENGINE",
      `Image.debian("${release}") needs the keys of Debian, which are not installed`,
      {
        mend: "apt-get install debian-archive-keyring",
      },
    );
  }
  needOwners(privilege, `Image.debian("${release}")`);
  const { codename = release } = DEBIAN[release] ?? {};
  const [sources, pins] = [join(scratch, "sources.list"), join(scratch, "preferences")];
  if (lock !== undefined) writeFileSync(pins, preferences(lock));
  const make = async (from: readonly Source[]): Promise<void> => {
    writeFileSync(sources, sourceLines(from));
    await onMachine(context, [
      mmdebstrap,
      `--mode=${privilege.kind === "root" ? "root" : "unshare"}`,
      "--variant=minbase",
      "--include=ca-certificates",
      '--aptopt=APT::Install-Recommends "false"',
      ...(lock === undefined ? [] : [`--aptopt=Dir::Etc::Preferences "${pins}"`]),
      "--format=directory",
      codename,
      root,
      sources,
    ]);
  };
  const live = findSources(codename);
  await make(live);
  if (lock !== undefined && mismatches(lock, readPackages(root), ["apt"]).length > 0) {
    const gone = mismatches(lock, readPackages(root), ["apt"]);
    await removeTree(root, privilege);
    await fromSnapshots(gone, () => make([...live, ...snapshotSources(codename, lock.snapshots)]));
    needNone(mismatches(lock, readPackages(root), ["apt"]));
  }
  await takeOwnership(context, root);
  writeSources(root, codename);
  return { env: { PATH: DEFAULT_PATH }, workdir: "/", snapshots: [snapshotNow()] };
}

/** Tries the snapshots of Debian's archive for what it does not have any more. */
export async function fromSnapshots<T>(gone: readonly Mismatch[], attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof ProgramFailed) throw lockError(gone, "and its snapshots could not be read", error);
    throw error;
  }
}

/** @throws LigaseError `LIGASE_E_IMAGE_LOCK` that names what cannot be had as it was locked */
export function needNone(gone: readonly Mismatch[]): void {
  if (gone.length > 0) throw lockError(gone, "nor have its snapshots");
}

function lockError(gone: readonly Mismatch[], why: string, cause?: unknown): LigaseError {
  const names = gone.map(({ name, locked, found }) => `  ${name} ${locked} (now ${found || "nothing"})`);
  const message = [`Debian's archive does not have what was locked any more, ${why}:`, ...names].join("\n");
  return new LigaseError("LIGASE_E_IMAGE_LOCK", message, {
    mend: "reach snapshot.debian.org, or a mirror of it: LIGASE_DEBIAN_SNAPSHOTS; or lock anew: ligase image lock --update",
    facts: { gone },
    cause,
  });
}

/** What stands in an environment of where its packages come from does not depend on the mirror they came from. */
function writeSources(root: string, codename: string): void {
  const folder = onHost(root, "/etc/apt/sources.list.d");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) rmSync(join(folder, name), { force: true });
  // What this build said to apt.
  rmSync(join(onHost(root, "/etc/apt/apt.conf.d"), "99mmdebstrap"), { force: true });
  const plain = [codename, `${codename}-updates`].map((suite) => ({ uri: ARCHIVE, suite }));
  writeFileSync(
    onHost(root, "/etc/apt/sources.list"),
    sourceLines([...plain, { uri: SECURITY, suite: `${codename}-security` }]),
  );
}

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { DEBIAN } from "../definition/checks.ts";
import { onHost } from "./paths.ts";
import { needOwners } from "./privilege.ts";
import { onMachine, type StepContext, type StepResult } from "./step.ts";

const ARCHIVE = "http://deb.debian.org/debian";
const SECURITY = "http://deb.debian.org/debian-security";
/** Where Debian's keys are on a machine that has its package `debian-archive-keyring`. */
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** One source of packages. */
interface Source {
  readonly uri: string;
  readonly suite: string;
}

/**
 * The mirror that this machine uses for a release, where it is Debian of the same release: nearer, and reachable where it
 * alone is. `LIGASE_DEBIAN_MIRROR` comes first.
 */
export function findSources(codename: string, snapshot?: string | null): readonly Source[] {
  const suites = [codename, `${codename}-updates`, `${codename}-security`];
  if (snapshot != null) {
    return suites.map((suite) => ({ uri: `${snapshotOf(suite)}/${snapshot}`, suite }));
  }
  const mirror = process.env["LIGASE_DEBIAN_MIRROR"]?.replace(/\/+$/, "");
  const own = mirror === undefined ? machineSources() : [];
  return suites.map((suite) => {
    const isSecurity = suite.endsWith("-security");
    const fallback = isSecurity ? (mirror === undefined ? SECURITY : `${mirror}-security`) : (mirror ?? ARCHIVE);
    return { uri: own.find((source) => source.suite === suite)?.uri ?? fallback, suite };
  });
}

function snapshotOf(suite: string): string {
  return `https://snapshot.debian.org/archive/${suite.endsWith("-security") ? "debian-security" : "debian"}`;
}

/** As apt reads them, one a line. */
export function sourceLines(sources: readonly Source[]): string {
  return `${sources.map(({ uri, suite }) => `deb [signed-by=${KEYRING}] ${uri} ${suite} main`).join("\n")}\n`;
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
  const sources = join(scratch, "sources.list");
  writeFileSync(sources, sourceLines(findSources(codename, lock?.snapshot)));
  await onMachine(context, [
    mmdebstrap,
    `--mode=${privilege.kind === "root" ? "root" : "unshare"}`,
    "--variant=minbase",
    "--include=ca-certificates",
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--format=directory",
    codename,
    root,
    sources,
  ]);
  writeSources(root, codename);
  return { env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }, workdir: "/" };
}

/** What stands in an environment of where its packages come from does not depend on the mirror they came from. */
function writeSources(root: string, codename: string): void {
  const folder = onHost(root, "/etc/apt/sources.list.d");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith("0000")) writeFileSync(join(folder, name), "");
  }
  const plain = [codename, `${codename}-updates`].map((suite) => ({ uri: ARCHIVE, suite }));
  writeFileSync(
    onHost(root, "/etc/apt/sources.list"),
    sourceLines([...plain, { uri: SECURITY, suite: `${codename}-security` }]),
  );
}

import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { cp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DEBIAN } from "../definition/checks.ts";
import { AUTHORITIES, OWN } from "./inside.ts";
import { onHost } from "./paths.ts";
import { needOwners } from "./privilege.ts";
import { type Mismatch, mismatches } from "../lock/make.ts";
import type { Archive, ImageLock } from "../lock/types.ts";
import {
  findSources,
  fromSnapshots,
  needNone,
  preferences,
  snapshotNow,
  snapshotSources,
  type Source,
  sourceLines,
} from "./debian.ts";
import { type DpkgPackage, readDpkg } from "./packages.ts";
import { runInside, type StepContext, type StepResult } from "./step.ts";

const ENV = { DEBIAN_FRONTEND: "noninteractive", DEBCONF_NONINTERACTIVE_SEEN: "true", LC_ALL: "C.UTF-8" };

/** Debian's release that a definition begins with. */
function releaseOf(context: StepContext): string | undefined {
  const base = context.layers[0];
  return base !== undefined && "debian" in base ? base.debian : undefined;
}

/** Installs Debian packages with the apt of the root file system, its lists and downloads kept outside of it. */
export async function installApt(context: StepContext, packages: readonly string[]): Promise<StepResult> {
  const { root, scratch, place, privilege, lock } = context;
  needOwners(privilege, `.apt("${packages[0]}")`);
  const release = releaseOf(context);
  const codename = release === undefined ? undefined : DEBIAN[release]?.codename;
  const cache = place.cache(release === undefined ? "apt" : `apt-${release}`);
  const own = mkdtempSync(join(scratch, "apt-"));
  const [lists, archives] = [join(own, "lists"), join(own, "archives")];
  await copyLists(join(cache, "lists"), lists);
  offerArchives(join(cache, "archives"), archives);
  writeFileSync(join(own, "policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  writeFileSync(join(own, "preferences"), lock === undefined ? "" : preferences(lock));
  const useSources = (sources: readonly Source[]): void =>
    writeFileSync(join(own, "sources.list"), sourceLines(sources));
  const live = codename === undefined ? [] : findSources(codename);
  useSources(live);
  const policy = onHost(root, "/usr/sbin/policy-rc.d");
  const hasPolicy = existsSync(policy);
  const apt = aptWith(context, { own, lists, archives, hasSources: codename !== undefined, hasPolicy });
  const before = readDpkg(root);
  try {
    await apt(["update", "--error-on=any"]);
    if (lock !== undefined && codename !== undefined) {
      const gone = await gonePackages(apt, lock, packages);
      if (gone.length > 0) {
        useSources([...live, ...snapshotSources(codename, lock.snapshots)]);
        await fromSnapshots(gone, () => apt(["update", "--error-on=any"]));
        needNone(await gonePackages(apt, lock, packages));
      }
    }
    await apt(["install", "--allow-downgrades", ...packages]);
  } finally {
    // The mount made an empty file to stand on.
    if (!hasPolicy) await rm(policy, { force: true });
  }
  if (lock === undefined) await keepLists(lists, join(cache, "lists"));
  const taken = await hashArchives(archives, before, readDpkg(root));
  keepArchives(archives, join(cache, "archives"));
  return { archives: taken, snapshots: [snapshotNow()] };
}

/** Runs apt-get inside, with what is this build's own in place of the root file system's. */
type Apt = (command: readonly string[], capture?: boolean) => Promise<string>;

function aptWith(
  context: StepContext,
  own: {
    readonly own: string;
    readonly lists: string;
    readonly archives: string;
    readonly hasSources: boolean;
    readonly hasPolicy: boolean;
  },
): Apt {
  const authorities = AUTHORITIES.find((path) => existsSync(path));
  const { lists, archives, hasSources, hasPolicy } = own;
  const settings = options({
    ...(hasSources && { "Dir::Etc::SourceList": `${OWN}/sources.list` }),
    ...(authorities !== undefined && { "Acquire::https::CAInfo": `${OWN}/authorities.pem` }),
    "Dir::Etc::Preferences": `${OWN}/preferences`,
    "Dir::State::Lists": `${OWN}/lists/`,
    "Dir::Cache::Archives": `${OWN}/archives/`,
    "Dir::Cache::pkgcache": "",
    "Dir::Cache::srcpkgcache": "",
    "APT::Sandbox::User": "root",
    "APT::Keep-Downloaded-Packages": "true",
    "Acquire::Retries": "3",
    "Dpkg::Use-Pty": "0",
    "Dpkg::Options::": "--force-confnew",
  });
  return (command, capture = false) =>
    runInside(
      context,
      {
        command: ["apt-get", "--yes", "--no-install-recommends", ...settings, ...command],
        env: ENV,
        binds: {
          ...(hasPolicy ? {} : { "/usr/sbin/policy-rc.d": { from: join(own.own, "policy-rc.d") } }),
          ...(hasSources && { [`${OWN}/sources.list`]: { from: join(own.own, "sources.list") } }),
          ...(authorities !== undefined && { [`${OWN}/authorities.pem`]: { from: authorities } }),
          [`${OWN}/preferences`]: { from: join(own.own, "preferences") },
          [`${OWN}/lists`]: { from: lists, writable: true },
          [`${OWN}/archives`]: { from: archives, writable: true },
        },
      },
      { capture },
    );
}

function options(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** What apt would install otherwise than it was locked. */
async function gonePackages(apt: Apt, lock: ImageLock, packages: readonly string[]): Promise<readonly Mismatch[]> {
  const plan = await apt(["--simulate", "install", "--allow-downgrades", ...packages], true);
  const planned = [...plan.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+)/gm)].map(
    ([, name = "", version = ""]): [string, string] => [name.replace(/:.*/, ""), version],
  );
  return mismatches(lock, { apt: Object.fromEntries(planned) }, ["apt"]);
}

/** The files of what was installed now. */
async function hashArchives(
  folder: string,
  before: ReadonlyMap<string, DpkgPackage>,
  after: ReadonlyMap<string, DpkgPackage>,
): Promise<readonly Archive[]> {
  const found: Archive[] = [];
  for (const { name, version, architecture } of after.values()) {
    if (before.get(name)?.version === version) continue;
    const file = join(folder, `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`);
    if (!existsSync(file)) continue;
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    found.push({ manager: "apt", name, version, sha256 });
  }
  return found;
}

/** Lists as an earlier build left them: apt asks for what is new since. */
async function copyLists(from: string, to: string): Promise<void> {
  if (existsSync(from)) await cp(from, to, { recursive: true, preserveTimestamps: true });
  mkdirSync(join(to, "partial"), { recursive: true });
}

async function keepLists(from: string, to: string): Promise<void> {
  const old = `${to}.${randomBytes(4).toString("hex")}`;
  try {
    if (existsSync(to)) await rename(to, old);
    await rename(from, to);
  } catch {
    // Another build was quicker; its lists are as good.
  }
  await rm(old, { recursive: true, force: true });
}

function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    if (!existsSync(to)) copyFileSync(from, to);
  }
}

function debs(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".deb")) : [];
}

function offerArchives(from: string, to: string): void {
  mkdirSync(join(to, "partial"), { recursive: true });
  for (const name of debs(from)) link(join(from, name), join(to, name));
}

function keepArchives(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of debs(from)) link(join(from, name), join(to, name));
}

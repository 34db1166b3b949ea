import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cp, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DEBIAN } from "../definition/checks.ts";
import { AUTHORITIES, OWN } from "./inside.ts";
import { onHost } from "./paths.ts";
import { needOwners } from "./privilege.ts";
import { findSources, sourceLines } from "./debian.ts";
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
  const name = release === undefined ? "apt" : `apt-${release}`;
  const cache = place.cache(name);
  const [lists, archives] = [join(scratch, "lists"), join(scratch, "archives")];
  await copyLists(join(cache, "lists"), lists);
  offerArchives(join(cache, "archives"), archives);
  writeFileSync(join(scratch, "policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const codename = release === undefined ? undefined : DEBIAN[release]?.codename;
  if (codename !== undefined) {
    writeFileSync(join(scratch, "sources.list"), sourceLines(findSources(codename, lock?.snapshot)));
  }
  const policy = onHost(root, "/usr/sbin/policy-rc.d");
  const hasPolicy = existsSync(policy);
  const authorities = AUTHORITIES.find((path) => existsSync(path));
  const apt = (command: readonly string[]): Promise<string> =>
    runInside(context, {
      command: [
        "apt-get",
        "--yes",
        "--no-install-recommends",
        ...options({
          ...(codename !== undefined && { "Dir::Etc::SourceList": `${OWN}/sources.list` }),
          ...(authorities !== undefined && { "Acquire::https::CAInfo": `${OWN}/authorities.pem` }),
          "Dir::State::Lists": `${OWN}/lists/`,
          "Dir::Cache::Archives": `${OWN}/archives/`,
          "Dir::Cache::pkgcache": "",
          "Dir::Cache::srcpkgcache": "",
          "APT::Sandbox::User": "root",
          "APT::Keep-Downloaded-Packages": "true",
          "APT::Get::AllowUnauthenticated": "false",
          "Acquire::Retries": "3",
          "Acquire::Check-Valid-Until": lock?.snapshot == null ? "true" : "false",
          "Dpkg::Use-Pty": "0",
          "Dpkg::Options::": "--force-confnew",
        }),
        ...command,
      ],
      env: ENV,
      binds: {
        ...(hasPolicy ? {} : { "/usr/sbin/policy-rc.d": { from: join(scratch, "policy-rc.d") } }),
        ...(codename !== undefined && { [`${OWN}/sources.list`]: { from: join(scratch, "sources.list") } }),
        ...(authorities !== undefined && { [`${OWN}/authorities.pem`]: { from: authorities } }),
        [`${OWN}/lists`]: { from: lists, writable: true },
        [`${OWN}/archives`]: { from: archives, writable: true },
      },
    });
  try {
    await apt(["update", "--error-on=any"]);
    await apt(["install", ...pinned(packages, context)]);
  } finally {
    // The mount made an empty file to stand on.
    if (!hasPolicy) await rm(policy, { force: true });
  }
  await keepLists(lists, join(cache, "lists"));
  keepArchives(archives, join(cache, "archives"));
  return {};
}

function options(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** Where a lock names versions, exactly those: of what is asked for, and of all that comes with it. */
function pinned(packages: readonly string[], context: StepContext): readonly string[] {
  const locked = context.lock?.packages["apt"];
  if (locked === undefined) return packages;
  return packages.map((name) => {
    const version = locked[name.split(/[:=]/)[0]!];
    return name.includes("=") || version === undefined ? name : `${name}=${version}`;
  });
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

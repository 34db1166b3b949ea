import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { installApt } from "./apt.ts";
import { AUTHORITIES, OWN } from "./inside.ts";
import { readPackages } from "./packages.ts";
import { onHost } from "./paths.ts";
import type { Archive } from "../lock/types.ts";
import { runInside, type StepContext, type StepResult } from "./step.ts";

/** Where a program is inside, on its `PATH`. */
function programInside(context: StepContext, name: string): string | undefined {
  return (context.env["PATH"] ?? "")
    .split(":")
    .map((folder) => `${folder}/${name}`)
    .find((path) => existsSync(onHost(context.root, path)));
}

const hasApt = (context: StepContext): boolean => existsSync(onHost(context.root, "/usr/bin/apt-get"));

function refuse(message: string, mend: string): never {
  throw new LigaseError("LIGASE_E_IMAGE_BUILD", message, { mend });
}

/** Sees to it that the environment has the Python that is asked for. */
export async function installPython(context: StepContext, version: string): Promise<StepResult> {
  if (programInside(context, "python3") === undefined) {
    if (!hasApt(context))
      refuse(`the image has no Python ${version}`, `take it from conda: .conda("python=${version}")`);
    await installApt(context, ["python3"]);
  }
  const has = await runInside(
    context,
    { command: ["python3", "-c", 'import sys; print("%d.%d" % sys.version_info[:2])'], env: {} },
    { capture: true },
  );
  if (has.trim() !== version) {
    refuse(`the image has Python ${has.trim()}, not ${version}`, `take it from conda: .conda("python=${version}")`);
  }
  return {};
}

async function works(context: StepContext, command: readonly string[]): Promise<boolean> {
  try {
    await runInside(context, { command, env: {} });
    return true;
  } catch (error) {
    if (context.signal?.aborted) throw error;
    return false;
  }
}

/** Sees to it that there is a Python with a pip. */
async function needPip(context: StepContext): Promise<void> {
  const python = programInside(context, "python3");
  if (python === undefined && !hasApt(context)) {
    refuse(
      "the image has no python3 to install packages for",
      'add one before: .conda("python=3.12"), or take an image with one',
    );
  }
  if (python !== undefined && (await works(context, ["python3", "-m", "pip", "--version"]))) return;
  if (hasApt(context) && (python === undefined || python === "/usr/bin/python3" || python === "/bin/python3")) {
    await installApt(context, ["python3", "python3-pip"]);
    return;
  }
  await runInside(context, { command: ["python3", "-m", "ensurepip", "--default-pip"], env: {} });
}

/** Compiles what pip installed once, so that no start does it, and alike in every build. */
const COMPILE = `
import compileall, py_compile, site
for folder in site.getsitepackages():
    if folder != "/usr/lib/python3/dist-packages":
        compileall.compile_dir(folder, quiet=2, workers=0, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
`;

/** Installs Python packages for the `python3` of the environment. */
export async function installPip(context: StepContext, wanted: readonly string[]): Promise<StepResult> {
  const { scratch, place, lock } = context;
  await needPip(context);
  const folder = join(scratch, "pip");
  mkdirSync(folder);
  // The last of a name: a later layer may have put another version in its place.
  const locked = [
    ...new Map(
      lock?.archives.filter(({ manager }) => manager === "pip").map((archive) => [archive.name, archive]),
    ).values(),
  ];
  const isLocked = locked.length > 0;
  const hasHashes = locked.every(({ sha256 }) => sha256 !== undefined);
  const reports = await canReport(context);
  const before = readPackages(context.root)["pip"];
  writeFileSync(join(folder, "requirements.txt"), `${(isLocked ? locked.map(lockedLine) : wanted).join("\n")}\n`);
  const authorities = AUTHORITIES.find((path) => existsSync(path));
  const isManaged = await works(context, [
    "python3",
    "-c",
    'import os, sys, sysconfig; sys.exit(0 if os.path.exists(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")) else 1)',
  ]);
  await runInside(context, {
    command: [
      "python3",
      "-m",
      "pip",
      "install",
      "--no-input",
      "--disable-pip-version-check",
      "--no-compile",
      "--progress-bar",
      "off",
      ...(reports ? ["--report", `${OWN}/pip/report.json`] : []),
      ...(isManaged ? ["--break-system-packages"] : []),
      ...(isLocked ? ["--no-deps", ...(hasHashes ? ["--require-hashes"] : [])] : []),
      "--requirement",
      `${OWN}/pip/requirements.txt`,
    ],
    // A variable, since pip's before 22.1 know no such option.
    env: { ...indexVariables(), PIP_CACHE_DIR: `${OWN}/cache`, PIP_ROOT_USER_ACTION: "ignore" },
    binds: {
      [`${OWN}/pip`]: { from: folder, writable: true },
      [`${OWN}/cache`]: { from: place.cache("pip"), writable: true },
      ...(authorities !== undefined && { [`${OWN}/authorities.pem`]: { from: authorities } }),
    },
  });
  await runInside(context, { command: ["python3", "-c", COMPILE], env: {} });
  if (reports) return { archives: readReport(join(folder, "report.json")) };
  const now = Object.entries(readPackages(context.root)["pip"] ?? {}).filter(
    ([name, version]) => before?.[name] !== version,
  );
  return { archives: now.map(([name, version]) => ({ manager: "pip", name, version })) };
}

/** Does the pip inside say what it installed, with hashes? From 22.2 on. */
async function canReport(context: StepContext): Promise<boolean> {
  const said = await runInside(context, { command: ["python3", "-m", "pip", "--version"], env: {} }, { capture: true });
  const [, major = "0", minor = "0"] = /^pip (\d+)\.(\d+)/.exec(said) ?? [];
  return Number(major) > 22 || (Number(major) === 22 && Number(minor) >= 2);
}

/** Where this machine's pip looks for packages: a mirror where nothing else is reachable. */
function indexVariables(): Readonly<Record<string, string>> {
  const names = ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? ""]])),
  );
}

function lockedLine({ name, version, url, sha256, direct }: Archive): string {
  const what = url !== undefined && direct === true ? `${name} @ ${url}` : `${name}==${version}`;
  return sha256 === undefined ? what : `${what} --hash=sha256:${sha256}`;
}

/** The files that pip took, with their hashes. */
function readReport(path: string): readonly Archive[] {
  if (!existsSync(path)) return [];
  const report: unknown = JSON.parse(readFileSync(path, "utf8"));
  return listIn(report, "install").flatMap((entry) => {
    const name = textIn(entry, "metadata", "name");
    const version = textIn(entry, "metadata", "version");
    if (name === undefined || version === undefined) return [];
    const url = textIn(entry, "download_info", "url");
    const sha256 =
      textIn(entry, "download_info", "archive_info", "hashes", "sha256") ??
      textIn(entry, "download_info", "archive_info", "hash")?.replace(/^sha256=/, "");
    return [
      {
        manager: "pip",
        name: name.toLowerCase().replace(/[-_.]+/g, "-"),
        version,
        ...(url !== undefined && { url }),
        ...(entry !== null &&
          typeof entry === "object" &&
          Reflect.get(entry, "is_direct") === true && { direct: true }),
        ...(sha256 !== undefined && { sha256 }),
      },
    ];
  });
}

/** A list in some JSON; empty when it is not there. */
export function listIn(value: unknown, key: string): readonly unknown[] {
  const list: unknown = value !== null && typeof value === "object" ? Reflect.get(value, key) : undefined;
  return Array.isArray(list) ? list : [];
}

/** A text in some JSON, if it is there. */
export function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== "object") return undefined;
    at = Reflect.get(at, key);
  }
  return typeof at === "string" ? at : undefined;
}

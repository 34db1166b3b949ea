import { shellWord } from "../../worker/script/language.ts";
import { DEBIAN } from "../definition/checks.ts";
import type { SettledLayer } from "../definition/layers.ts";
import { findSources, preferences, snapshotSources, sourceLines } from "../build/debian.ts";
import type { Archive, ImageLock } from "../lock/types.ts";

const APT = "DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends -o Acquire::Retries=3";
const PREFERENCES = "/etc/apt/preferences.d/ligase";
const SOURCES = "/etc/apt/sources.list.d/ligase.list";
const TIDY_APT = `rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb ${PREFERENCES} ${SOURCES}`;
const SCRATCH = "/tmp/ligase-step";

/** Where conda packages are in an environment. */
export const CONDA = "/opt/conda";
/** Where the program that installs them is while it does. */
export const MICROMAMBA = "/usr/local/bin/ligase-micromamba";

/** What steps depend on beside themselves. */
export interface StepsOf {
  /** Debian's release, where the image begins with one. */
  readonly release: string | undefined;
  /** What the definition was when it was locked. */
  readonly lock: ImageLock | undefined;
  /** Are the authorities that this machine trusts brought along? Behind a proxy that reads along, nothing else would do. */
  readonly trusts: boolean;
}

/** The shell commands that do what a step says, as root inside of an image that an engine builds. */
export function commandsOf(layer: SettledLayer, given: StepsOf): readonly string[] {
  if ("run" in layer) return layer.run;
  if ("apt" in layer) return [apt(layer.apt, given)];
  if ("python" in layer) return [python(layer.python, given)];
  if ("pip" in layer) return [pip(layer.pip, given)];
  if ("requirements" in layer) return [pip(layer.requirements.split("\n"), given)];
  if ("conda" in layer) return [conda(layer.conda, layer.channels, given)];
  return [];
}

/** Each part only runs when those before it went well, within what is alternatives too. */
const all = (...commands: readonly string[]): string => commands.join(" && ");
const unless = (condition: string, command: string): string => `{ ${condition} || { ${command}; }; }`;
const write = (text: string, path: string): string => `printf %s ${shellWord(text)} > ${path}`;

function apt(packages: readonly string[], { release, lock }: StepsOf): string {
  const codename = release === undefined ? undefined : DEBIAN[release]?.codename;
  const pins = lock === undefined ? [] : [write(preferences(lock), PREFERENCES)];
  const sources =
    lock === undefined || codename === undefined
      ? []
      : [write(sourceLines([...findSources(codename), ...snapshotSources(codename, lock.snapshots)]), SOURCES)];
  const names = packages.map(shellWord).join(" ");
  return all(...pins, ...sources, `${APT} update`, `${APT} --allow-downgrades install ${names}`, TIDY_APT);
}

function python(version: string, given: StepsOf): string {
  const found = `python3 -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "${version}")'`;
  const complain = `{ echo "the image does not have Python ${version}" >&2; exit 1; }`;
  return all(unless("command -v python3 >/dev/null", apt(["python3"], given)), unless(found, complain));
}

/** The requirements go through a file: pip reads each line of it as one, with its markers. */
function pip(requirements: readonly string[], given: StepsOf): string {
  const locked = given.lock?.archives.filter(({ manager }) => manager === "pip") ?? [];
  const lines = locked.length > 0 ? locked.map(lockedLine) : requirements;
  const flags = locked.length > 0 ? "--require-hashes --no-deps" : "";
  return all(
    unless("python3 -m pip --version >/dev/null 2>&1", apt(["python3", "python3-pip"], given)),
    `mkdir -p ${SCRATCH}`,
    write(`${lines.join("\n")}\n`, `${SCRATCH}/requirements.txt`),
    // Debian keeps its own Python to itself, and an environment is nobody else's.
    `PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore python3 -m pip install --no-cache-dir --no-input --disable-pip-version-check --progress-bar off ${flags} --requirement ${SCRATCH}/requirements.txt`,
    `rm -rf ${SCRATCH} /root/.cache`,
  );
}

function lockedLine({ name, version, url, sha256, direct }: Archive): string {
  const what = url !== undefined && direct === true ? `${name} @ ${url}` : `${name}==${version}`;
  return sha256 === undefined ? what : `${what} --hash=sha256:${sha256}`;
}

function conda(packages: readonly string[], channels: readonly string[], { lock }: StepsOf): string {
  const locked = lock?.archives.filter(({ manager }) => manager === "conda") ?? [];
  const explicit = ["@EXPLICIT", ...locked.map(({ url, md5 }) => (md5 === undefined ? url : `${url}#${md5}`)), ""];
  const from = channels.map((channel) => `--channel ${shellWord(channel)}`).join(" ");
  const what =
    locked.length > 0
      ? `--file ${SCRATCH}/explicit.txt`
      : `--override-channels --strict-channel-priority ${from} ${packages.map(shellWord).join(" ")}`;
  return all(
    `mkdir -p ${SCRATCH}`,
    write(explicit.join("\n"), `${SCRATCH}/explicit.txt`),
    `if [ -d ${CONDA}/conda-meta ]; then how=install; else how=create; fi`,
    `${MICROMAMBA} $how --yes --no-rc --root-prefix ${SCRATCH}/mamba --prefix ${CONDA} ${what}`,
    `rm -rf ${SCRATCH} ${MICROMAMBA} /root/.mamba`,
  );
}

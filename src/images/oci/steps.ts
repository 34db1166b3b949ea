import { shellWord } from "../../worker/script/language.ts";
import { DEBIAN } from "../definition/checks.ts";
import type { SettledLayer } from "../definition/layers.ts";
import { findSources, sourceLines } from "../build/debian.ts";
import type { ImageLock } from "../lock/types.ts";

const APT = "DEBIAN_FRONTEND=noninteractive apt-get --yes --no-install-recommends -o Acquire::Retries=3";
const TIDY = "rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /root/.cache";
const CONDA = "/opt/conda";
const MICROMAMBA = "https://micro.mamba.pm/api/micromamba";

/**
 * The shell commands that do what a step says, inside of an image that an engine builds.
 *
 * @param release - Debian's, where the image begins with one
 * @param lock - what it was when it was locked
 */
export function commandsOf(
  layer: SettledLayer,
  release: string | undefined,
  lock: ImageLock | undefined,
): readonly string[] {
  if ("run" in layer) return layer.run;
  if ("apt" in layer) return [apt(layer.apt, release, lock)];
  if ("python" in layer) return [`command -v python3 >/dev/null || { ${apt(["python3"], release, lock)}; }`];
  if ("pip" in layer) return [pip(layer.pip.map((each) => pinned(each, lock)).join("\n"), release, lock)];
  if ("requirements" in layer) return [pip(layer.requirements, release, lock)];
  if ("conda" in layer) return [conda(layer.conda, layer.channels, release, lock)];
  return [];
}

function apt(packages: readonly string[], release: string | undefined, lock: ImageLock | undefined): string {
  const codename = release === undefined ? undefined : DEBIAN[release]?.codename;
  const versions = lock?.packages["apt"] ?? {};
  const names = packages.map((each) => {
    const version = versions[each.split(/[:=]/)[0]!];
    return each.includes("=") || version === undefined ? each : `${each}=${version}`;
  });
  const snapshot = lock?.snapshot ?? undefined;
  const sources =
    codename === undefined || snapshot === undefined
      ? []
      : [
          `printf %s ${shellWord(sourceLines(findSources(codename, snapshot)))} > /etc/apt/sources.list`,
          "rm -f /etc/apt/sources.list.d/debian.sources",
        ];
  const flags = snapshot === undefined ? "" : " -o Acquire::Check-Valid-Until=false";
  return [...sources, `${APT}${flags} update`, `${APT}${flags} install ${names.map(shellWord).join(" ")}`, TIDY].join(
    " && ",
  );
}

/** The requirements go through a file: pip reads each line of it as one, with its markers. */
function pip(requirements: string, release: string | undefined, lock: ImageLock | undefined): string {
  return [
    `python3 -m pip --version >/dev/null 2>&1 || { ${apt(["python3", "python3-pip"], release, lock)}; }`,
    `printf '%s\\n' ${shellWord(requirements)} > /tmp/ligase-requirements`,
    // Debian keeps its own Python to itself, and an environment is nobody else's.
    "PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --no-cache-dir --no-input --root-user-action=ignore -r /tmp/ligase-requirements",
    "rm -f /tmp/ligase-requirements",
  ].join(" && ");
}

function pinned(requirement: string, lock: ImageLock | undefined): string {
  const name =
    /^[A-Za-z0-9._-]+/
      .exec(requirement)?.[0]
      .toLowerCase()
      .replace(/[-_.]+/g, "-") ?? "";
  const version = lock?.packages["pip"]?.[name];
  return version === undefined || /[@=<>~!]/.test(requirement) ? requirement : `${requirement}==${version}`;
}

function conda(
  packages: readonly string[],
  channels: readonly string[],
  release: string | undefined,
  lock: ImageLock | undefined,
): string {
  const versions = lock?.packages["conda"] ?? {};
  const names = packages.map((each) => {
    const version = versions[each];
    return version === undefined ? each : `${each}=${version}`;
  });
  const machine = `case $(uname -m) in aarch64) m=linux-aarch64;; *) m=linux-64;; esac`;
  return [
    `command -v curl >/dev/null || { ${apt(["ca-certificates", "curl", "bzip2"], release, lock)}; }`,
    `${machine}; curl -fsSL "${MICROMAMBA}/$m/latest" | tar -xj -C /usr/local bin/micromamba`,
    `/usr/local/bin/micromamba create --yes --prefix ${CONDA} --override-channels ${channels
      .map((channel) => `--channel ${shellWord(channel)}`)
      .join(" ")} ${names.map(shellWord).join(" ")}`,
    "rm -rf /usr/local/bin/micromamba /root/.mamba /root/micromamba",
  ].join(" && ");
}

import type { Finding, Known, Machine } from "./types.ts";

const LIMITS = ["memory", "cpu", "processes"] as const;
const WORDS: Readonly<Record<(typeof LIMITS)[number], string>> = {
  memory: "memory",
  cpu: "CPU",
  processes: "processes",
};

/** Whether jobs in the sandbox and on the host can be held to what they ask for. Podman and docker see to it themselves. */
export function lookAtLimits(machine: Machine, { cgroups }: Pick<Known, "cgroups">): readonly Finding[] {
  if (machine.platform !== "linux") return [];
  const { version, enforced, why } = cgroups;
  const base = { group: "Limits", needed: false } as const;
  const groups: Finding = {
    ...base,
    name: "control groups",
    state: version === 0 ? "absent" : "found",
    says: version === 0 ? "the kernel has none" : `version ${version}`,
    mend: null,
  };
  const kept: Finding = {
    ...base,
    name: "of jobs",
    state: enforced.length === LIMITS.length ? "found" : "absent",
    says:
      enforced.length === 0
        ? `none can be kept: ${why ?? "control groups cannot be written"}`
        : `${enforced.map((limit) => WORDS[limit]).join(", ")} can be kept${why === null ? "" : `; ${why}`}`,
    mend: enforced.length === LIMITS.length ? null : mendOf(machine, version),
  };
  return [groups, kept];
}

function mendOf({ exists, program }: Machine, version: CgroupVersion): string | null {
  if (version === 1)
    return "a machine with control groups of version 2: systemd.unified_cgroup_hierarchy=1 for its kernel";
  const hasSystemd = exists("/run/systemd/system") && program("systemd-run") !== undefined;
  return version === 2 && hasSystemd ? "systemd-run --user --scope -p Delegate=yes ligase run …" : null;
}

type CgroupVersion = Known["cgroups"]["version"];

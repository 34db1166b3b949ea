import { callClient, type ClientFacts, type Dialect } from "../oci/index.ts";
import { findProgram } from "../build/index.ts";
import type { EngineCheck } from "../types.ts";

/** What of `docker info` counts here. */
interface Info {
  readonly ServerVersion?: string;
  readonly ServerErrors?: readonly string[];
  readonly SecurityOptions?: readonly string[] | null;
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly PidsLimit?: boolean;
  readonly Runtimes?: Readonly<Record<string, unknown>>;
}

const PATIENCE_MS = 30_000;

const PRESUMED: ClientFacts = {
  rootless: false,
  remapped: false,
  limits: { cpu: true, memory: true, processes: true },
  swapLimit: true,
  init: ["--init"],
  keepsGroups: false,
  gpus: true,
};

/** Docker, from version 20.10; also what speaks like it behind `docker`. */
export const dockerDialect: Dialect = {
  name: "docker",
  presumed: PRESUMED,
  async probe() {
    if (findProgram("docker") === undefined) return refused({}, "docker", installHint());
    const { stdout, stderr } = await callClient("docker", ["info", "--format={{json .}}"], { timeout: PATIENCE_MS });
    const info = infoOf(stdout);
    // Some clients succeed without a daemon, and say so in what they answer.
    if (!info?.ServerVersion) {
      const why = info?.ServerErrors?.[0] ?? lastLine(stderr) ?? "docker info gives no answer";
      return refused({}, `a docker daemon that can be reached: ${why}`, mendOf(why));
    }
    const options = info.SecurityOptions ?? [];
    const check: EngineCheck = { works: true, found: { docker: info.ServerVersion }, missing: [] };
    const facts: ClientFacts = {
      rootless: options.some((option) => option.includes("name=rootless")),
      remapped: options.some((option) => option.includes("name=userns")),
      limits: {
        cpu: info.CpuCfsQuota ?? true,
        memory: info.MemoryLimit ?? true,
        processes: info.PidsLimit ?? true,
      },
      swapLimit: info.SwapLimit ?? true,
      // Part of docker itself.
      init: ["--init"],
      keepsGroups: false,
      gpus: Object.hasOwn(info.Runtimes ?? {}, "nvidia"),
    };
    return { check, facts };
  },
  userFlags({ rootless, remapped }, user) {
    // Docker Desktop gives the caller whatever is made inside.
    if (user === undefined) return [];
    // Root inside of a rootless daemon is the caller.
    if (rootless) return ["--user=0:0"];
    const groups = user.groups.filter((group) => group !== user.gid).map((group) => `--group-add=${group}`);
    return [...(remapped ? ["--userns=host"] : []), `--user=${user.uid}:${user.gid}`, ...groups];
  },
  // The value is a line of comma-separated values, in which the list is one.
  gpuFlags: (_, gpus) => [
    `--gpus="device=${gpus.join(",")}"`,
    // By itself the toolkit mounts what nvidia-smi needs, and not CUDA's.
    "--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility",
  ],
  runFlags: [],
  untag: (name) => ["image", "rm", "--no-prune", name],
  buildFlags: [],
};

function infoOf(text: string): Info | undefined {
  try {
    const info: unknown = JSON.parse(text);
    return typeof info === "object" && info !== null ? info : undefined;
  } catch {
    return undefined;
  }
}

function refused(found: EngineCheck["found"], what: string, mend: string) {
  return { check: { works: false, found, missing: [{ what, mend }] }, facts: PRESUMED };
}

const installHint = (): string =>
  process.platform === "linux" ? "sudo apt-get install docker.io" : "install Docker Desktop, and start it";

function mendOf(why: string): string {
  if (/permission denied/i.test(why)) return "sudo usermod -aG docker $USER, and log in again";
  return process.platform === "linux"
    ? "sudo systemctl start docker, or set DOCKER_HOST to where it listens"
    : "start Docker Desktop";
}

const lastLine = (text: string): string | undefined => text.trim().split("\n").at(-1) || undefined;

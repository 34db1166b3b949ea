import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { callClient, type ClientFacts, type Dialect } from "../oci/index.ts";
import { gpuAccessFlags } from "../oci/gpu-flags.ts";
import { findProgram } from "../build/index.ts";
import type { EngineCheck } from "../types.ts";

/** Where packages put podman's own first process, and others that do the same and are linked statically. */
const CATATONIT = [
  "/usr/libexec/podman/catatonit",
  "/usr/local/libexec/podman/catatonit",
  "/usr/local/lib/podman/catatonit",
  "/usr/lib/podman/catatonit",
  "/usr/libexec/catatonit/catatonit",
  "/usr/bin/catatonit",
];
const OTHER_INITS = ["tini-static", "docker-init"];

/** Where the NVIDIA container toolkit leaves its description of the devices. */
const CDI_FOLDERS = ["/etc/cdi", "/var/run/cdi"];

/** What of `podman info` counts here. */
interface Info {
  readonly host?: {
    readonly cgroupVersion?: string;
    readonly cgroupControllers?: readonly string[] | null;
    readonly security?: { readonly rootless?: boolean };
    readonly ociRuntime?: { readonly name?: string };
    readonly serviceIsRemote?: boolean;
  };
  readonly version?: { readonly Version?: string };
}

const PATIENCE_MS = 30_000;

const PRESUMED: ClientFacts = {
  rootless: process.getuid?.() !== 0,
  remapped: false,
  limits: { cpu: true, memory: true, processes: true },
  swapLimit: true,
  init: [],
  keepsGroups: false,
  gpus: false,
};

/** Podman, from version 4. */
export const podmanDialect: Dialect = {
  name: "podman",
  presumed: PRESUMED,
  async probe() {
    const program = findProgram("podman");
    if (program === undefined) return refused({}, "podman", installHint());
    const { status, stdout, stderr } = await callClient("podman", ["info", "--format=json"], { timeout: PATIENCE_MS });
    const info = status === 0 ? infoOf(stdout) : undefined;
    if (info === undefined) {
      const why = lastLine(stderr) ?? "podman info gives no answer";
      return refused({}, `a podman that works: ${why}`, mendOf(stderr));
    }
    const { host = {}, version = {} } = info;
    const found = version.Version ?? "";
    if (Number.parseInt(found, 10) < 4) return refused({ podman: found }, "podman 4 or newer", installHint());
    const rootless = host.security?.rootless ?? false;
    const has = limitsOf(host.cgroupVersion, host.cgroupControllers ?? [], rootless);
    const check: EngineCheck = { works: true, found: { podman: found }, missing: [] };
    const facts: ClientFacts = {
      rootless,
      remapped: false,
      limits: has,
      swapLimit: true,
      init: host.serviceIsRemote ? ["--init"] : initFlags(),
      keepsGroups: host.ociRuntime?.name === "crun",
      gpus: CDI_FOLDERS.some(namesNvidia),
    };
    return { check, facts };
  },
  userFlags({ rootless, keepsGroups }, user) {
    // In podman's own machine (macOS) the files belong to the caller, whoever makes them.
    if (user === undefined) return [];
    const ids = [`--user=${user.uid}:${user.gid}`];
    if (!rootless || user.uid === 0) return ids;
    return ["--userns=keep-id", ...ids, ...(keepsGroups ? ["--group-add=keep-groups"] : [])];
  },
  gpuFlags: ({ gpus: known }, gpus) =>
    known ? gpus.map((gpu) => `--device=nvidia.com/gpu=${gpu}`) : gpuAccessFlags(gpus),
  // It would hand on the caller's proxies, make folders of its own that can be written, and when one is to be removed
  // wait 10 s for those that ignore SIGTERM.
  runFlags: ["--stop-timeout=0", "--http-proxy=false", "--read-only-tmpfs=false", "--image-volume=ignore"],
  // With the image alone it would take all its names.
  untag: (name) => ["untag", name, name],
  buildFlags: ["--format=docker"],
};

function infoOf(text: string): Info | undefined {
  try {
    const info: unknown = JSON.parse(text);
    return typeof info === "object" && info !== null ? info : undefined;
  } catch {
    return undefined;
  }
}

/** Without root's rights, limits need a control group of the second version in which they were handed on. */
function limitsOf(
  version: string | undefined,
  controllers: readonly string[],
  rootless: boolean,
): ClientFacts["limits"] {
  if (!rootless) return { cpu: true, memory: true, processes: true };
  const has = (name: string): boolean => version === "v2" && controllers.includes(name);
  return { cpu: has("cpu"), memory: has("memory"), processes: has("pids") };
}

function initFlags(): readonly string[] {
  if (CATATONIT.some((file) => existsSync(file))) return ["--init"];
  const other = OTHER_INITS.map((name) => findProgram(name)).find((file) => file !== undefined);
  return other === undefined ? [] : ["--init", `--init-path=${other}`];
}

function namesNvidia(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => /nvidia.*\.(ya?ml|json)$/.test(name) && existsSync(join(folder, name)));
  } catch {
    return false;
  }
}

function refused(found: EngineCheck["found"], what: string, mend: string) {
  return { check: { works: false, found, missing: [{ what, mend }] }, facts: PRESUMED };
}

const installHint = (): string =>
  process.platform === "darwin"
    ? "brew install podman && podman machine init && podman machine start"
    : "sudo apt-get install podman uidmap";

function mendOf(stderr: string): string {
  if (/newuidmap|newgidmap/.test(stderr)) return "sudo apt-get install uidmap";
  if (/subuid|subgid|insufficient UIDs|not enough.*IDs/i.test(stderr)) {
    return "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER && podman system migrate";
  }
  if (/podman machine|connection refused|cannot connect|unable to connect/i.test(stderr)) return "podman machine start";
  return "see what podman info says";
}

const lastLine = (text: string): string | undefined => text.trim().split("\n").at(-1) || undefined;

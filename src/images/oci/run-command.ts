import { totalmem } from "node:os";
import { LigaseError } from "../../kernel/index.ts";
import { JOB_USER } from "../build/index.ts";
import type { Enclosure, Entry, Environment, Mount } from "../types.ts";
import type { ClientFacts, Dialect, User } from "./dialect.ts";
import { clientEnvironment, passEnvironment } from "./environment.ts";
import { mountFlag } from "./mount-flag.ts";

/** Each flag of a container that runs a job, and why. */
const ALWAYS: readonly string[] = [
  // Ended containers leave nothing.
  "--rm",
  // An image is there or it is not: nothing is fetched when a job starts.
  "--pull=never",
  "--read-only",
  "--cap-drop=ALL",
  "--security-opt=no-new-privileges",
  // Relabelling (`:z`) would change the user's files for good. Without labels SELinux lets the mounts be read.
  "--security-opt=label=disable",
  "--ipc=private",
  // What it writes is read by the client. A copy on the engine's side would fill its disk.
  "--log-driver=none",
  "--no-healthcheck",
  // The command is what runs, whatever the image would start with.
  "--entrypoint=",
];

/** What root needs to treat its own files as root does outside: tar gives them their owners back, for one. */
const OF_ROOT = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETGID", "SETUID"];

const LIMITS = ["memory", "cpu", "processes"] as const;

/** The kernel takes 2 MiB of arguments and variables. */
const LONGEST = 1.5 * 2 ** 20;

/** Docker refuses less. */
const LEAST_MEMORY = 6 * 2 ** 20;

/** Where programs expect to be able to write; each is in memory. */
const SCRATCH = ["/tmp", "/var/tmp"];

/**
 * The command that runs a process in a container.
 *
 * @param program - the client
 * @param user - who is to own what it makes
 */
export function runCommand(
  program: string,
  dialect: Dialect,
  facts: ClientFacts,
  environment: Environment,
  enclosure: Enclosure,
  user: User | undefined,
): Entry {
  const { name, command, cwd, mounts, network, gpus, interactive = false } = enclosure;
  const passed = passEnvironment({
    // As in the sandbox.
    HOME: JOB_USER.home,
    USER: JOB_USER.name,
    LOGNAME: JOB_USER.name,
    LANG: "C.UTF-8",
    // What the image sets itself the container knows already; what a lock or a definition adds, it may not.
    ...environment.env,
    ...(interactive && process.env["TERM"] !== undefined && { TERM: process.env["TERM"] }),
    ...enclosure.env,
  });
  const userFlags = dialect.userFlags(facts, user);
  const isRoot = userFlags.includes("--user=0:0");
  const flags = [
    ...ALWAYS,
    ...(isRoot ? OF_ROOT.map((capability) => `--cap-add=${capability}`) : []),
    ...dialect.runFlags,
    ...facts.init,
    ...(interactive ? ["--interactive", "--tty"] : []),
    `--hostname=${hostName(name)}`,
    `--network=${network ? "host" : "none"}`,
    ...SCRATCH.filter((at) => !mounts.some((mount) => mount.at === at)).map(
      (at) => `--tmpfs=${at}:rw,exec,nosuid,nodev,mode=1777`,
    ),
    ...limitFlags(facts, enclosure),
    ...userFlags,
    // From the outside in: a mount below another one lies on it. Of two at one place the last counts.
    ...[...new Map(mounts.map((mount) => [mount.at, mount])).values()]
      .toSorted((a, b) => depth(a) - depth(b))
      .flatMap((mount) => ["--mount", mountFlag(mount)]),
    ...(gpus.length > 0 ? dialect.gpuFlags(facts, gpus) : []),
    `--workdir=${cwd}`,
    ...passed.flags,
  ];
  const length = flags.reduce((sum, flag) => sum + Buffer.byteLength(flag) + 1, 0);
  if (length > LONGEST) {
    throw new LigaseError(
      "LIGASE_E_IMAGE_ENGINE",
      `a job with ${mounts.length} inputs and volumes is more than a command line of ${program} can say`,
      {
        facts: { mounts: mounts.length },
        mend: 'give it a folder, Dir, in place of its files; or container: "sandbox"',
      },
    );
  }
  return {
    command: [program, "run", `--name=${name}`, ...flags, environment.place, ...command],
    env: { ...passed.env, ...clientEnvironment() },
    direct: false,
    keeps: LIMITS.filter((limit) => facts.limits[limit]),
    remote: {
      kill: [program, "kill", name, "--signal"],
      inspect: [program, "inspect", "--type=container", "--format={{json .State}}", name],
      remove: [program, "rm", "--force", "--volumes", name],
      exec: [program, "exec", "--interactive", "--tty", name],
    },
  };
}

function limitFlags(
  { limits: can, swapLimit }: ClientFacts,
  { limits: { cpu, memory, processes } }: Enclosure,
): string[] {
  // The engines' 64 MB are too few for programs whose processes share memory (PyTorch); what is in it counts as memory.
  const most = Math.max(LEAST_MEMORY, Math.ceil(memory));
  const shared = Math.floor(memory > 0 ? memory : totalmem() / 2);
  return [
    `--shm-size=${shared}`,
    ...(cpu > 0 && can.cpu ? [`--cpus=${cpu}`] : []),
    // The same for both: none of it swap.
    ...(memory > 0 && can.memory ? [`--memory=${most}`, ...(swapLimit ? [`--memory-swap=${most}`] : [])] : []),
    // Podman's own limit is 2,048.
    ...(can.processes ? [`--pids-limit=${processes || -1}`] : []),
  ];
}

/** What a host may be called: a job's name has other characters, and may be longer. */
const hostName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60) || "job";

const depth = ({ at }: Mount): number => at.split("/").filter((part) => part !== "").length;

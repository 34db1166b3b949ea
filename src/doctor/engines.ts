import type { EngineCheck } from "../images/types.ts";
import type { Finding, Known, Machine, Wanted } from "./types.ts";

/** In the order in which `auto` takes them. */
export const ENGINES = ["sandbox", "podman", "docker"] as const;

/** The engine that images would run in. */
export interface Picked {
  /** Null where none works. */
  readonly engine: (typeof ENGINES)[number] | "host" | null;
  readonly why: string;
}

/** Which engine the configuration leads to. */
export function pickOf({ engines }: Pick<Known, "engines">, { engine }: Pick<Wanted, "engine">): Picked {
  if (engine === "host") return { engine, why: "the configuration says so: tasks with images use the tools of PATH" };
  if (engine !== "auto") {
    return engines[engine].works
      ? { engine, why: "the configuration says so" }
      : { engine: null, why: `the configuration says ${engine}, which does not work here` };
  }
  const first = ENGINES.find((name) => engines[name].works);
  if (first === undefined) {
    return {
      engine: null,
      why: 'none works here; container: "host" runs tasks with the tools of PATH, without images',
    };
  }
  const before = ENGINES.slice(0, ENGINES.indexOf(first));
  return { engine: first, why: before.length === 0 ? "it is the lightest" : `${before.join(" and ")} cannot be used` };
}

/** The engines: what each is, or what it lacks. */
export function lookAtEngines(machine: Machine, { engines }: Known, { engine: asked }: Wanted): readonly Finding[] {
  const group = "Container engines";
  const found = ENGINES.map((name): Finding => {
    const check = engines[name];
    const needed = asked === name;
    if (check.works) return { group, name, state: "found", says: versionsOf(check), mend: null, needed };
    const lacks = check.missing.map(({ what }) => what).join("; ");
    const isThere = Object.keys(check.found).length > 0 || machine.program(programOf(name)) !== undefined;
    const mend = check.missing[0]?.mend ?? null;
    const says = `needs ${lacks || programOf(name)}`;
    return { group, name, state: needed || isThere ? "wrong" : "absent", says, mend, needed };
  });
  const none = asked === "auto" && !found.some(({ state }) => state === "found");
  return [...found, ...(none ? [hintFor(machine)] : [])];
}

function programOf(name: (typeof ENGINES)[number]): string {
  return name === "sandbox" ? "bwrap" : name;
}

function versionsOf({ found }: EngineCheck): string {
  const versions = Object.entries(found).map(([program, version]) => `${program} ${version}`.trim());
  return versions.join(", ") || "works";
}

/** What is to be done where nothing works: another thing on each kind of machine. */
function hintFor({ platform, exists }: Machine): Finding {
  const inContainer = exists("/.dockerenv") || exists("/run/.containerenv");
  const mend =
    platform === "linux"
      ? inContainer
        ? "start the container around this with --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
        : "sudo apt-get install bubblewrap mmdebstrap uidmap"
      : platform === "darwin"
        ? "install Docker Desktop or Podman and start it"
        : "use Ligase in WSL 2";
  const says = `no engine works here, so tasks that name an image cannot run; container: "host" takes the tools of PATH`;
  return { group: "Container engines", name: "auto", state: "absent", says, mend, needed: false };
}

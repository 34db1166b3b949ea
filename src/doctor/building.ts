import type { Finding, Machine, Wanted } from "./types.ts";

/** Fewer are not enough for the users of a distribution. */
const ENOUGH_IDS = 65_536;

/** What each program is for, when an image is built without a daemon. */
const BUILDERS: readonly (readonly [program: string, of: string, what: string])[] = [
  ["mmdebstrap", "mmdebstrap", "Image.debian"],
  ["skopeo", "skopeo", "Image.from and Image.archive in the sandbox"],
  ["umoci", "umoci", "Image.from and Image.archive in the sandbox"],
];

/** What images are built with. */
export async function lookAtBuilding(machine: Machine, { engine }: Wanted): Promise<readonly Finding[]> {
  // Elsewhere podman and docker build, in a machine of their own.
  if (machine.platform !== "linux" || engine === "host") return [];
  const builders = await Promise.all(BUILDERS.map((each) => lookAtBuilder(machine, ...each)));
  return [...builders, lookAtIds(machine)];
}

async function lookAtBuilder(machine: Machine, name: string, pack: string, what: string): Promise<Finding> {
  const group = "Building images";
  if (machine.program(name) === undefined) {
    const says = `not there: builds ${what}`;
    return { group, name, state: "absent", says, mend: `sudo apt-get install ${pack}`, needed: false };
  }
  const { output } = await machine.run(name, ["--version"]);
  const version = /\d+(\.\d+)+/.exec(output)?.[0] ?? "";
  return { group, name, state: "found", says: version || "there", mend: null, needed: false };
}

/** A user who is not root builds as the root of a namespace of users, for which some of the machine's ids are set aside. */
function lookAtIds(machine: Machine): Finding {
  const base = { group: "Building images", name: "user ids", needed: false } as const;
  if (machine.uid === 0) return { ...base, state: "found", says: "you are root, who needs none set aside", mend: null };
  const least = Math.min(...["/etc/subuid", "/etc/subgid"].map((file) => idsOf(machine, machine.read(file) ?? "")));
  if (least < ENOUGH_IDS) {
    const says = `${least === 0 ? "none are" : `only ${least} are`} set aside for ${machine.user}: builds need ${ENOUGH_IDS}`;
    const mend = "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER";
    return { ...base, state: "absent", says, mend };
  }
  const tools = ["newuidmap", "newgidmap"].filter((name) => machine.program(name) === undefined);
  if (tools.length > 0) {
    const says = `${least} are set aside for ${machine.user}, and ${tools.join(" and ")} are not there to use them`;
    return { ...base, state: "absent", says, mend: "sudo apt-get install uidmap" };
  }
  return { ...base, state: "found", says: `${least} are set aside for ${machine.user}`, mend: null };
}

/** `alice:100000:65536`, or the same with her number. */
function idsOf({ user, uid }: Machine, table: string): number {
  return table
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([name]) => name === user || name === String(uid))
    .reduce((sum, [, , count]) => sum + (Number(count) || 0), 0);
}

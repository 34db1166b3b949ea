import { describe, expect, it } from "vitest";
import { examine, type Finding, type Known, type Machine, type Wanted } from "../../../src/doctor/index.ts";

const WORKS = { works: true, found: {}, missing: [] };
const lacks = (what: string, mend: string, found = {}) => ({ works: false, found, missing: [{ what, mend }] });

const WANTED: Wanted = { engine: "auto", gpus: 0, storeDir: "/p/.ligase", imagesDir: "/h/.cache/ligase/images" };

/** A machine with programs and files, all else being as people usually have it. */
function machineWith(
  programs: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
  other: Partial<Machine> = {},
): Machine {
  return {
    platform: "linux",
    uid: 1000,
    user: "alice",
    nodeVersion: "24.21.0",
    cpus: 8,
    memory: { total: 32 * 2 ** 30, free: 20 * 2 ** 30 },
    read: (path) => files[path],
    exists: (path) => path in files,
    disk: () => ({ total: 500e9, free: 100e9 }),
    program: (name) => (name in programs ? `/usr/bin/${name}` : undefined),
    run: async (name) => ({ status: name in programs ? 0 : null, output: programs[name] ?? "" }),
    ...other,
  };
}

function knownAs(given: Partial<Known["engines"]> = {}, other: Partial<Known> = {}): Known {
  const engines = {
    sandbox: lacks("bubblewrap", "apt-get install bubblewrap"),
    podman: lacks("podman", "apt-get install podman"),
    docker: lacks("docker", "apt-get install docker.io"),
    ...given,
  };
  const cgroups = { version: 2, enforced: ["memory", "cpu", "processes"], why: null } as const;
  return { engines, cgroups, gpus: [], networkFileSystem: () => undefined, ...other };
}

async function find(name: string, machine: Machine, known: Known = knownAs(), wanted: Wanted = WANTED) {
  const { findings } = await examine(machine, known, wanted);
  return findings.find((finding) => finding.name === name) as Finding;
}

describe("examine", () => {
  it("says which engine auto picks, and why", async () => {
    const picked = async (engines: Partial<Known["engines"]>, engine: Wanted["engine"] = "auto") =>
      (await examine(machineWith(), knownAs(engines), { ...WANTED, engine })).picked;
    expect(await picked({ sandbox: WORKS, docker: WORKS })).toMatchObject({ engine: "sandbox" });
    expect(await picked({ docker: WORKS })).toEqual({ engine: "docker", why: "sandbox and podman cannot be used" });
    expect(await picked({})).toEqual({ engine: null, why: expect.stringContaining('container: "host"') });
    expect(await picked({}, "host")).toMatchObject({ engine: "host" });
    expect(await picked({ sandbox: WORKS }, "podman")).toMatchObject({ engine: null });
    expect(await picked({ podman: WORKS }, "podman")).toMatchObject({ engine: "podman" });
  });

  it("is content unless what the configuration asks for is not there", async () => {
    const ok = async (known: Known, wanted: Partial<Wanted>) =>
      (await examine(machineWith(), known, { ...WANTED, ...wanted })).ok;
    expect(await ok(knownAs(), {})).toBe(true);
    expect(await ok(knownAs(), { engine: "host" })).toBe(true);
    expect(await ok(knownAs(), { engine: "docker" })).toBe(false);
    expect(await ok(knownAs({ docker: WORKS }), { engine: "docker" })).toBe(true);
    expect(await ok(knownAs(), { gpus: 1 })).toBe(false);
    const gpus = [{ index: 0, name: "Tesla T4", memory: 2 ** 34, minor: 0, uuid: "" }];
    expect(await ok(knownAs({}, { gpus }), { gpus: 1 })).toBe(true);
    expect(await ok(knownAs({}, { gpus }), { gpus: 2 })).toBe(false);
    expect(await ok(knownAs({}, { networkFileSystem: () => "NFS" }), {})).toBe(false);
  });

  it("tells an engine that is not there from one that does not work", async () => {
    expect(await find("podman", machineWith())).toMatchObject({ state: "absent", mend: "apt-get install podman" });
    const down = knownAs({ docker: lacks("a daemon", "sudo systemctl start docker") });
    expect(await find("docker", machineWith({ docker: "" }), down)).toMatchObject({
      state: "wrong",
      says: "needs a daemon",
      mend: "sudo systemctl start docker",
      needed: false,
    });
    expect(await find("docker", machineWith(), knownAs(), { ...WANTED, engine: "docker" })).toMatchObject({
      state: "wrong",
      needed: true,
    });
    const two = knownAs({ sandbox: { works: true, found: { bwrap: "0.8.0", mmdebstrap: "1.3.5" }, missing: [] } });
    expect(await find("sandbox", machineWith({ bwrap: "" }), two)).toMatchObject({
      state: "found",
      says: "bwrap 0.8.0, mmdebstrap 1.3.5",
    });
  });

  it("says what to do where no engine works: on Linux, in a container, on a Mac", async () => {
    const hint = async (machine: Machine) => (await find("auto", machine))?.mend;
    expect(await hint(machineWith())).toContain("apt-get install bubblewrap");
    expect(await hint(machineWith({}, { "/.dockerenv": "" }))).toContain("--security-opt seccomp=unconfined");
    expect(await hint(machineWith({}, {}, { platform: "darwin" }))).toContain("Docker Desktop");
    expect(await find("auto", machineWith(), knownAs({ podman: WORKS }))).toBeUndefined();
  });

  it("finds the programs that images are built with", async () => {
    const machine = machineWith({ mmdebstrap: "mmdebstrap 1.3.5", skopeo: "skopeo version 1.9.3" });
    expect(await find("mmdebstrap", machine)).toMatchObject({ state: "found", says: "1.3.5" });
    expect(await find("umoci", machine)).toMatchObject({ state: "absent", mend: "sudo apt-get install umoci" });
    // Elsewhere, and without images, there is nothing to build them with.
    expect(await find("umoci", machineWith({}, {}, { platform: "darwin" }))).toBeUndefined();
    expect(await find("umoci", machine, knownAs(), { ...WANTED, engine: "host" })).toBeUndefined();
  });

  it("looks for ids that are set aside for who builds without root", async () => {
    const uidmap = { newuidmap: "", newgidmap: "" };
    const tables = (line: string) => ({ "/etc/subuid": `bob:5:70000\n${line}\n`, "/etc/subgid": `${line}\n` });
    const ids = (programs: Record<string, string>, files: Record<string, string>, other: Partial<Machine> = {}) =>
      find("user ids", machineWith(programs, files, other));
    expect(await ids(uidmap, tables("alice:100000:65536"))).toMatchObject({ state: "found" });
    expect(await ids(uidmap, tables("1000:100000:65536"))).toMatchObject({ state: "found" });
    expect(await ids(uidmap, tables("alice:100000:1000"))).toMatchObject({
      state: "absent",
      says: expect.stringContaining("only 1000 are set aside for alice"),
      mend: expect.stringContaining("--add-subuids"),
    });
    expect(await ids(uidmap, {})).toMatchObject({ says: expect.stringContaining("none are set aside") });
    expect(await ids({}, tables("alice:100000:65536"))).toMatchObject({ mend: "sudo apt-get install uidmap" });
    expect(await ids({}, {}, { uid: 0, user: "root" })).toMatchObject({ state: "found" });
  });

  it("says whether jobs can be held to their limits, and how they could be", async () => {
    const none = knownAs({}, { cgroups: { version: 2, enforced: [], why: "no control group is delegated to you" } });
    const systemd = machineWith({ "systemd-run": "" }, { "/run/systemd/system": "" });
    expect(await find("of jobs", machineWith())).toMatchObject({
      state: "found",
      says: "memory, CPU, processes can be kept",
      mend: null,
    });
    expect(await find("of jobs", systemd, none)).toMatchObject({
      state: "absent",
      says: expect.stringContaining("no control group is delegated to you"),
      mend: "systemd-run --user --scope -p Delegate=yes ligase run …",
    });
    expect(await find("of jobs", machineWith(), none)).toMatchObject({ mend: null });
    const some = knownAs(
      {},
      { cgroups: { version: 2, enforced: ["memory", "processes"], why: "cpu is not delegated" } },
    );
    expect(await find("of jobs", systemd, some)).toMatchObject({
      state: "absent",
      says: "memory, processes can be kept; cpu is not delegated",
    });
    expect(
      await find("control groups", machineWith(), knownAs({}, { cgroups: { version: 0, enforced: [], why: "none" } })),
    ).toMatchObject({
      state: "absent",
    });
    expect(await find("of jobs", machineWith({}, {}, { platform: "darwin" }))).toBeUndefined();
  });

  it("warns of a disk that is nearly full, and of a store on a network", async () => {
    expect(await find("disk for images", machineWith())).toMatchObject({ state: "found" });
    const full = machineWith({}, {}, { disk: () => ({ total: 500e9, free: 1e9 }) });
    expect(await find("disk for images", full)).toMatchObject({ state: "wrong", mend: expect.stringContaining("gc") });
    expect(await find("disk for results", machineWith({}, {}, { disk: () => undefined }))).toMatchObject({
      state: "absent",
    });
    const nfs = knownAs({}, { networkFileSystem: (folder) => (folder === WANTED.storeDir ? "NFS" : undefined) });
    expect(await find("store", machineWith(), nfs)).toMatchObject({
      state: "wrong",
      says: expect.stringContaining("NFS"),
    });
  });

  it("lists GPUs", async () => {
    const gpus = [{ index: 0, name: "NVIDIA A100-SXM4-80GB", memory: 80 * 2 ** 30, minor: 0, uuid: "" }];
    expect(await find("GPUs", machineWith(), knownAs({}, { gpus }))).toMatchObject({
      state: "found",
      says: "0: NVIDIA A100-SXM4-80GB (80 GiB)",
    });
    expect(await find("GPUs", machineWith())).toMatchObject({ state: "absent", needed: false, mend: null });
    expect(await find("GPUs", machineWith({ "nvidia-smi": "" }))).toMatchObject({ mend: "see what nvidia-smi says" });
    expect(await find("GPUs", machineWith(), knownAs(), { ...WANTED, gpus: 2 })).toMatchObject({
      state: "wrong",
      says: "no NVIDIA GPU, and the configuration says gpus: 2",
    });
  });

  it("knows which versions of Python and Node will do", async () => {
    const python = (version: string) => find("Python", machineWith({ python3: version }));
    expect(await python("Python 3.11.2")).toMatchObject({ state: "found", says: "3.11.2" });
    expect(await python("Python 3.9.0")).toMatchObject({ state: "found" });
    expect(await python("Python 3.8.10")).toMatchObject({ state: "wrong", needed: false });
    expect(await python("who knows")).toMatchObject({ state: "wrong" });
    expect(await find("Python", machineWith())).toMatchObject({
      state: "absent",
      mend: "sudo apt-get install python3",
    });
    expect(await find("Node", machineWith({}, {}, { nodeVersion: "22.1.0" }))).toMatchObject({
      state: "wrong",
      needed: true,
    });
    expect(await find("graphviz", machineWith({ dot: "dot - graphviz version 2.43.0" }))).toMatchObject({
      says: "2.43.0",
    });
    expect(await find("Slurm", machineWith())).toMatchObject({ state: "absent", mend: null });
  });
});

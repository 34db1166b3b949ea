import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dockerDialect } from "../../../src/images/docker/dialect.ts";
import { Image } from "../../../src/images/image.ts";
import type { ClientFacts, User } from "../../../src/images/oci/dialect.ts";
import { dockerfileOf } from "../../../src/images/oci/dockerfile.ts";
import { clientEnvironment, passEnvironment } from "../../../src/images/oci/environment.ts";
import { mountFlag } from "../../../src/images/oci/mount-flag.ts";
import { runCommand } from "../../../src/images/oci/run-command.ts";
import type { ImageLock } from "../../../src/images/lock/types.ts";
import { podmanDialect } from "../../../src/images/podman/dialect.ts";
import type { Enclosure, Environment } from "../../../src/images/types.ts";

const FACTS: ClientFacts = {
  rootless: false,
  remapped: false,
  limits: { cpu: true, memory: true, processes: true },
  swapLimit: true,
  init: ["--init"],
  keepsGroups: false,
  gpus: true,
};
const ALICE: User = { uid: 1000, gid: 1000, groups: [1000, 27] };
const ROOT: User = { uid: 0, gid: 0, groups: [0] };
const ENCLOSURE: Enclosure = {
  name: "job-1",
  command: ["bwa", "mem"],
  cwd: "/work",
  env: {},
  mounts: [{ from: "/work", at: "/work", writable: true }],
  network: false,
  limits: { cpu: 0, memory: 0, processes: 0, disk: 0 },
  gpus: [],
};

function environmentOf(engine: "podman" | "docker"): Environment {
  return { engine, identity: "i", digest: "sha256:0", place: "localhost/ligase:i", env: {}, packages: {} };
}

function flags(
  dialect: typeof podmanDialect,
  given: Partial<Enclosure> = {},
  facts: Partial<ClientFacts> = {},
  user: User | undefined = ALICE,
): readonly string[] {
  const enclosure = { ...ENCLOSURE, ...given };
  const all = { ...FACTS, ...facts };
  const { command } = runCommand(dialect.name, dialect, all, environmentOf(dialect.name), enclosure, user);
  return command.slice(0, command.indexOf("localhost/ligase:i"));
}

/** As Go's encoding/csv, with which both clients read it, takes a record apart. */
function readRecord(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (line[at] === '"') {
      for (at++; at < line.length; at++) {
        if (line[at] !== '"') field += line[at];
        else if (line[at + 1] === '"') {
          field += '"';
          at++;
        } else break;
      }
      at++;
    } else while (at < line.length && line[at] !== ",") field += line[at++];
    fields.push(field);
    if (at >= line.length) return fields;
    at++;
  }
}

describe("mountFlag", () => {
  it("says any path as the clients read it", () => {
    const path = fc.string({ unit: "grapheme", minLength: 1 }).map((tail) => `/${tail}`);
    fc.assert(
      fc.property(path, path, fc.boolean(), (from, at, writable) => {
        expect(readRecord(mountFlag({ from, at, writable }))).toEqual([
          "type=bind",
          `source=${from}`,
          `target=${at}`,
          ...(writable ? [] : ["readonly"]),
        ]);
      }),
    );
  });
});

describe("passEnvironment", () => {
  it("hands values on by their names, but for those that the client reads itself", () => {
    const { flags: passed, env } = passEnvironment({
      TOKEN: "s3cret",
      HOME: "/tmp",
      DOCKER_HOST: "x",
      LD_PRELOAD: "y",
      "A*": "z",
    });
    expect(passed).toEqual([
      "--env",
      "TOKEN",
      "--env",
      "HOME=/tmp",
      "--env",
      "DOCKER_HOST=x",
      "--env",
      "LD_PRELOAD=y",
      "--env",
      "A*=z",
    ]);
    expect(env).toEqual({ TOKEN: "s3cret" });
  });

  it("gives the client what it needs of the caller's, and nothing else", () => {
    const kept = {
      PATH: "/bin",
      HOME: "/h",
      DOCKER_HOST: "u",
      CONTAINERS_CONF: "c",
      XDG_RUNTIME_DIR: "r",
      https_proxy: "p",
    };
    expect(clientEnvironment({ ...kept, AWS_SECRET_ACCESS_KEY: "x", TOKEN: "y", NOTHING: undefined })).toEqual(kept);
  });
});

describe("runCommand", () => {
  it("is closed unless it is opened", () => {
    for (const dialect of [podmanDialect, dockerDialect]) {
      expect(flags(dialect)).toEqual(
        expect.arrayContaining(["--network=none", "--read-only", "--cap-drop=ALL", "--rm", "--pull=never", "--init"]),
      );
      expect(flags(dialect, { network: true })).toContain("--network=host");
      expect(flags(dialect).join(" ")).not.toMatch(/--privileged|:z|--interactive|--tty/);
      expect(flags(dialect, { interactive: true })).toEqual(expect.arrayContaining(["--interactive", "--tty"]));
    }
  });

  it("makes files belong to the caller in each kind of engine", () => {
    const user = (dialect: typeof podmanDialect, facts: Partial<ClientFacts>, who?: User): readonly string[] =>
      flags(dialect, {}, facts, who).filter((flag) => /^--(user|group-add)/.test(flag));
    expect(user(podmanDialect, { rootless: true })).toEqual(["--userns=keep-id", "--user=1000:1000"]);
    expect(user(podmanDialect, { rootless: true, keepsGroups: true })).toContain("--group-add=keep-groups");
    expect(user(podmanDialect, {}, ROOT)).toEqual(["--user=0:0"]);
    expect(user(dockerDialect, {})).toEqual(["--user=1000:1000", "--group-add=27"]);
    expect(user(dockerDialect, { remapped: true })).toContain("--userns=host");
    expect(user(dockerDialect, { rootless: true })).toEqual(["--user=0:0"]);
    const elsewhere = runCommand("docker", dockerDialect, FACTS, environmentOf("docker"), ENCLOSURE, undefined).command;
    expect(elsewhere.filter((flag) => flag.startsWith("--user"))).toEqual([]);
  });

  it("gives rights over files only to who has them outside", () => {
    const rights = (who: User, facts: Partial<ClientFacts> = {}): number =>
      flags(dockerDialect, {}, facts, who).filter((flag) => flag.startsWith("--cap-add")).length;
    expect(rights(ALICE)).toBe(0);
    expect(rights(ROOT)).toBeGreaterThan(0);
    // Root inside of a rootless daemon is the caller; podman's keep-id is not root inside.
    expect(rights(ALICE, { rootless: true })).toBeGreaterThan(0);
    expect(flags(podmanDialect, {}, { rootless: true }).join(" ")).not.toContain("--cap-add");
  });

  it("asks for limits that can be kept, and for no others", () => {
    const limits = { cpu: 1.5, memory: 2 ** 30, processes: 64, disk: 0 };
    const asked = (facts: Partial<ClientFacts>): readonly string[] =>
      flags(podmanDialect, { limits }, facts).filter((flag) => /^--(cpus|memory|pids)/.test(flag));
    expect(asked({})).toEqual(["--cpus=1.5", `--memory=${2 ** 30}`, `--memory-swap=${2 ** 30}`, "--pids-limit=64"]);
    expect(asked({ swapLimit: false })).toEqual(["--cpus=1.5", `--memory=${2 ** 30}`, "--pids-limit=64"]);
    expect(asked({ limits: { cpu: false, memory: true, processes: false } })).toHaveLength(2);
    expect(flags(podmanDialect)).toContain("--pids-limit=-1");
    expect(flags(dockerDialect, { limits: { ...limits, memory: 1000 } })).toContain(`--memory=${6 * 2 ** 20}`);
  });

  it("says which limits it keeps", () => {
    const keeps = (limits: ClientFacts["limits"]) =>
      runCommand("podman", podmanDialect, { ...FACTS, limits }, environmentOf("podman"), ENCLOSURE, ALICE).keeps;
    expect(keeps(FACTS.limits)).toEqual(["memory", "cpu", "processes"]);
    expect(keeps({ cpu: false, memory: true, processes: false })).toEqual(["memory"]);
  });

  it("mounts from the outside in, and leaves what is mounted to it", () => {
    const mounts = ["/a/b/c", "/tmp", "/a"].map((at) => ({ from: at, at, writable: true }));
    const made = flags(dockerDialect, { mounts });
    expect(made.filter((_, i) => made[i - 1] === "--mount").map((flag) => flag.split("=").at(-1))).toEqual([
      "/tmp",
      "/a",
      "/a/b/c",
    ]);
    expect(made.filter((flag) => flag.startsWith("--tmpfs"))).toEqual([expect.stringMatching(/^--tmpfs=\/var\/tmp:/)]);
  });

  it("says when a job has more mounts than a command line can say", () => {
    const mounts = Array.from({ length: 20_000 }, (_, i) => ({
      from: `/${"x".repeat(50)}${i}`,
      at: `/${i}`,
      writable: false,
    }));
    expect(() => flags(dockerDialect, { mounts })).toThrow(/20000 inputs and volumes/);
    const twice = [1, 2].map((n) => ({ from: `/from${n}`, at: "/at", writable: false }));
    expect(flags(dockerDialect, { mounts: twice }).filter((flag) => flag.startsWith("type=bind"))).toEqual([
      "type=bind,source=/from2,target=/at,readonly",
    ]);
  });

  it("maps GPUs in the way of each", () => {
    const gpus = [0, 2];
    expect(flags(dockerDialect, { gpus })).toEqual(
      expect.arrayContaining(['--gpus="device=0,2"', "--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility"]),
    );
    expect(flags(podmanDialect, { gpus })).toEqual(
      expect.arrayContaining(["--device=nvidia.com/gpu=0", "--device=nvidia.com/gpu=2"]),
    );
    expect(flags(podmanDialect, { gpus }, { gpus: false })).toContain("--env=NVIDIA_VISIBLE_DEVICES=0,2");
    expect(flags(podmanDialect).join(" ")).not.toMatch(/nvidia/i);
  });

  it("can be ended, asked and removed by its name", () => {
    const { remote, direct } = runCommand("podman", podmanDialect, FACTS, environmentOf("podman"), ENCLOSURE, ALICE);
    expect(direct).toBe(false);
    expect(remote?.kill).toEqual(["podman", "kill", "job-1", "--signal"]);
    expect(remote?.inspect.at(-1)).toBe("job-1");
    expect(remote?.remove).toEqual(["podman", "rm", "--force", "--volumes", "job-1"]);
  });
});

describe("dockerfileOf", () => {
  const given = { release: "12", lock: undefined, trusts: false };
  const linesOf = (image: Image): string[] =>
    dockerfileOf("base", image.settled().slice(1), given).text.trimEnd().split("\n");

  it("has one instruction a line, whatever is written in a step", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((each) => !each.includes("\0"));
    fc.assert(
      fc.property(text, text, (command, value) => {
        const image = Image.from("x").run(command).env({ V: value }).run("true");
        for (const line of linesOf(image)) expect(line).toMatch(/^(FROM base|USER 0|RUN \[.*\]|ENV V=".*")$/);
        const [, , first = ""] = linesOf(image);
        expect(JSON.parse(first.slice("RUN ".length))).toEqual(["/bin/sh", "-e", "-c", command]);
      }),
    );
  });

  it("hands values of several lines on in the shell, which no ENV can say", () => {
    const lines = linesOf(Image.from("x").env({ A: "it's\ntwo", B: '$x "q" \\' }).run("echo"));
    expect(lines).toEqual([
      "FROM base",
      "USER 0",
      String.raw`ENV B="\$x \"q\" \\"`,
      `RUN ${JSON.stringify(["/bin/sh", "-e", "-c", "export A='it'\\''s\ntwo'\necho"])}`,
    ]);
  });

  it("trusts whom this machine trusts while it builds, and leaves nothing of that", () => {
    const layers = Image.from("x").run("true").settled().slice(1);
    const lines = dockerfileOf("base", layers, { ...given, trusts: true })
      .text.trimEnd()
      .split("\n");
    expect(lines[2]).toBe('COPY ["authorities.pem","/run/ligase/authorities.pem"]');
    expect(lines[3]).toContain("export PIP_CERT='/run/ligase/authorities.pem'");
    expect(lines.at(-1)).toBe('RUN ["/bin/sh","-e","-c","rm -rf /run/ligase"]');
  });

  it("says packages as words of the shell", () => {
    const [, , apt = "", pip = "", conda = ""] = linesOf(
      Image.from("x").apt("bwa=1.0~x").pip('numpy; python_version < "3.12"').conda("samtools>=1.19,<2"),
    ).filter((line) => !line.startsWith("COPY") && !line.startsWith("ENV"));
    expect(JSON.parse(apt.slice(4))[3]).toContain("install 'bwa=1.0~x' &&");
    expect(JSON.parse(pip.slice(4))[3]).toContain(`printf %s 'numpy; python_version < "3.12"\n' >`);
    expect(JSON.parse(conda.slice(4))[3]).toContain("--channel 'conda-forge' --channel 'bioconda' 'samtools>=1.19,<2'");
  });

  it("installs what was locked: versions of apt, files of pip and conda by their hashes", () => {
    const archive = { version: "1.16.0", sha256: "ab".repeat(32) };
    const lock: ImageLock = {
      identity: "i",
      title: "t",
      contents: "sha256:0",
      base: null,
      snapshots: ["20260101T000000Z"],
      packages: { apt: { bwa: "0.7.17-7" }, pip: { six: "1.16.0" } },
      archives: [
        { manager: "pip", name: "six", ...archive },
        { manager: "conda", name: "bwa", version: "1", url: "https://c.example/bwa.conda", md5: "cd" },
      ],
    };
    const image = Image.debian("12").apt("bwa").pip("six").conda("bwa");
    const { text } = dockerfileOf("base", image.settled().slice(1), { ...given, lock });
    const [apt = "", pip = "", conda = ""] = text
      .split("\n")
      .filter((line) => line.startsWith("RUN"))
      .map((line) => (JSON.parse(line.slice("RUN ".length)) as string[])[3]);
    expect(apt).toContain("Package: bwa\nPin: version 0.7.17-7\nPin-Priority: 1001");
    expect(apt).toContain("/debian/20260101T000000Z bookworm main");
    expect(pip).toContain(`six==1.16.0 --hash=sha256:${archive.sha256}`);
    expect(pip).toContain("--require-hashes --no-deps");
    expect(conda).toContain("@EXPLICIT\nhttps://c.example/bwa.conda#cd\n");
    expect(conda).not.toContain("--channel");
  });
});

import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A container engine with a state of its own, which ends with the test. */
export interface StartedEngine {
  /** What its client needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Sets variables of this process, and gives back what they were. */
export function setVariables(env: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/**
 * Podman with its images below a folder. On machines where neither open files nor processes may be raised, its own limits
 * cannot be set; and crun refuses the mixed layout of control groups.
 *
 * @param dir - short and on a disk: overlay mounts on it
 */
export function startPodman(dir: string): StartedEngine {
  mkdirSync(dir, { recursive: true });
  const files = spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).stdout.trim();
  const processes = readFileSync("/proc/sys/kernel/pid_max", "utf8").trim();
  const ulimits = [`nofile=${files}:${files}`, `nproc=${processes}:${processes}`];
  writeFileSync(
    join(dir, "containers.conf"),
    [
      "[containers]",
      `default_ulimits = ${JSON.stringify(ulimits)}`,
      "[engine]",
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      "",
    ].join("\n"),
  );
  writeFileSync(
    join(dir, "storage.conf"),
    `[storage]\ndriver = "overlay"\nrunroot = ${JSON.stringify(join(dir, "run"))}\ngraphroot = ${JSON.stringify(join(dir, "graph"))}\n`,
  );
  const env = {
    CONTAINERS_CONF: join(dir, "containers.conf"),
    CONTAINERS_STORAGE_CONF: join(dir, "storage.conf"),
  };
  return {
    env,
    async stop() {
      const all = { ...process.env, ...env };
      spawnSync("podman", ["rm", "--force", "--all", "--time", "0"], { env: all });
      spawnSync("podman", ["rmi", "--force", "--all"], { env: all });
      spawnSync("umount", [join(dir, "graph", "overlay")]);
    },
  };
}

/** A docker daemon with its images below a folder, without a bridge: containers have the host's network or none. */
export async function startDocker(dir: string): Promise<StartedEngine> {
  mkdirSync(dir, { recursive: true });
  const socket = join(dir, "docker.sock");
  const log = openSync(join(dir, "log"), "a");
  const daemon = spawn(
    "dockerd",
    [
      `--data-root=${join(dir, "data")}`,
      `--exec-root=${join(dir, "exec")}`,
      `--pidfile=${join(dir, "pid")}`,
      `--host=unix://${socket}`,
      "--bridge=none",
      "--iptables=false",
      "--ip6tables=false",
    ],
    { stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    daemon.kill("SIGTERM");
    await Promise.race([ended, wait(20_000)]);
    daemon.kill("SIGKILL");
    spawnSync("umount", [join(dir, "exec", "netns", "default")]);
  };
  for (let tries = 0; tries < 600; tries++) {
    if (daemon.exitCode !== null) break;
    if (await answers(socket)) return { env: { DOCKER_HOST: `unix://${socket}` }, stop };
    await wait(50);
  }
  await stop();
  throw new Error(`dockerd does not start: ${readFileSync(join(dir, "log"), "utf8").slice(-2000)}`);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    request({ socketPath, path: "/_ping" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on("error", () => resolve(false))
      .end();
  });
}

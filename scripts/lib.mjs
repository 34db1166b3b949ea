// What the repository's scripts share. Plain JavaScript without dependencies: it runs on Node 20, before anything is
// installed.
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const binaries = join(modules, ".bin");
const ownNode = join(modules, "node", "bin", "node");
const NEEDED = 24;

/** Says what is going on, on standard error: standard output belongs to the command that follows. */
export function say(line) {
  process.stderr.write(`ligase: ${line}\n`);
}

/** Says it and ends. */
export function give(up) {
  say(up);
  process.exit(1);
}

/** Does what is installed agree with the lock file? By content: a checkout changes every modification time. */
function installed() {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  let present;
  try {
    present = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")).packages;
  } catch {
    return false;
  }
  return Object.entries(lock).every(([path, { version, optional, devOptional, peer }]) => {
    if (path === "") return true;
    const found = present[path];
    return found ? found.version === version : Boolean(optional || devOptional || peer);
  });
}

/** The environment without this repository's own programs, so that npm runs on the host's Node while it replaces them. */
function hostEnv() {
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(modules));
  return { ...process.env, PATH: path.join(delimiter) };
}

function quietly(command, args, cwd = root) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, env: hostEnv(), encoding: "utf8" });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  give(`${[command, ...args].join(" ")} failed${error ? `: ${error.message}` : ""}`);
}

function works(node) {
  const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return status === 0 && Number.parseInt(stdout.slice(1), 10) >= NEEDED;
}

/** Installs what the lock file names, where that has not been done, and sees to it that there is a Node that will do. */
export function install() {
  if (!installed()) {
    say("installing dependencies with npm ci …");
    const start = Date.now();
    quietly("npm", ["ci", "--loglevel=error"]);
    say(`installed in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  }
  if (works(ownNode)) return ownNode;
  if (Number.parseInt(process.versions.node, 10) >= NEEDED) return process.execPath;
  // An npm that was told to run no install scripts leaves the package without its binary: do what its script does.
  if (existsSync(join(modules, "node")))
    quietly(process.execPath, ["installArchSpecificPackage"], join(modules, "node"));
  if (works(ownNode)) return ownNode;
  return give(
    `Node ${NEEDED} or newer is needed, this is ${process.version}, and the copy in node_modules/node does not run here; ` +
      `install Node ${NEEDED} (https://nodejs.org) and try again`,
  );
}

/** The newest modification time below a folder or of a file, in milliseconds. */
export function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

/** Is `dist/` as new as the sources? */
export function built() {
  const stamp = join(root, "dist", ".built");
  if (!existsSync(stamp)) return false;
  const from = ["src", "tsconfig.json", "tsconfig.build.json"].map((name) => newest(join(root, name)));
  return statSync(stamp).mtimeMs > Math.max(...from);
}

/**
 * Compiles `src/` to `dist/`. The folder is replaced as a whole when the compiler is done, so nobody ever runs half of
 * a build. TypeScript writes JavaScript also when types do not check; whether that is an error is the caller's to say.
 *
 * @returns the compiler's complaints, or nothing
 */
export function build(node) {
  const start = new Date();
  const [fresh, old] = [`dist.${process.pid}.new`, `dist.${process.pid}.old`].map((name) => join(root, name));
  const tsc = join(modules, "typescript", "bin", "tsc");
  const args = [tsc, "-p", join(root, "tsconfig.build.json"), "--outDir", fresh];
  const { stdout, stderr, status } = spawnSync(node, args, { cwd: root, encoding: "utf8" });
  mkdirSync(fresh, { recursive: true });
  const stamp = join(fresh, ".built");
  writeFileSync(stamp, "");
  // As of its start: what was edited meanwhile is newer than the build.
  utimesSync(stamp, start, start);
  const dist = join(root, "dist");
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
  return status === 0 ? "" : stdout + stderr;
}

/** Runs a command with the repository's programs first on its path; resolves with its exit status. */
export function hand(node, [command, ...args], { cwd = root, env = {} } = {}) {
  const path = [binaries, dirname(node), process.env.PATH ?? ""].join(delimiter);
  const program = command === "node" ? node : command;
  const child = spawn(program, args, { cwd, stdio: "inherit", env: { ...process.env, PATH: path, ...env } });
  // A terminal sends Ctrl+C to both of us; the child decides what it means, we wait.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("error", (error) => give(`${command} cannot be run: ${error.message}`));
    child.on("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

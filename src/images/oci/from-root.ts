import { pipeline } from "node:stream/promises";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildRootfs, findPrivilege, findProgram } from "../build/index.ts";
import { hostEnvironment, ProgramFailed, runProgram } from "../build/program.ts";
import type { SettledLayer } from "../definition/layers.ts";
import { type Build, type Built, labelsOf } from "./under-way.ts";
import { clientEnvironment } from "./environment.ts";
import { dockerArchive } from "./docker-archive.ts";

/** What the first step of a definition is built with. */
function toolsFor(first: SettledLayer): readonly string[] | undefined {
  if ("debian" in first) return ["mmdebstrap", "bwrap"];
  if ("from" in first || "archive" in first) return ["skopeo", "umoci", "bwrap"];
  return undefined;
}

/**
 * Can a root file system of the definition be built here? An image of a registry without further steps needs none: the
 * engine takes it as it is, and shares its layers with others.
 */
export async function rootIsPossible(layers: readonly SettledLayer[]): Promise<boolean> {
  const [first, ...rest] = layers;
  if (process.platform !== "linux" || first === undefined) return false;
  const tools = toolsFor(first);
  if (tools === undefined || (rest.length === 0 && "from" in first)) return false;
  if (tools.some((tool) => findProgram(tool) === undefined)) return false;
  return (await findPrivilege()).kind !== "single";
}

/** Builds the root file system, or finds it, and hands it to the engine. */
export async function buildFromRoot(build: Build): Promise<Built> {
  const { image, lock, imagesDir, folder, hooks, log, tag } = build;
  const where = { imagesDir, lock: () => lock };
  const { root, record } = await buildRootfs(where, image, hooks);
  const isRoot = process.getuid?.() === 0;
  const layer = join(folder, "layer.tar");
  await runProgram(
    [
      "tar",
      "--create",
      "--sort=name",
      "--format=posix",
      "--pax-option=delete=atime,delete=ctime",
      "--numeric-owner",
      "--xattrs",
      // A user's environments belong to the user, as whom root inside appears.
      ...(isRoot ? [] : ["--owner=0", "--group=0"]),
      `--file=${layer}`,
      `--directory=${root}`,
      ".",
    ],
    { log, env: hostEnvironment(), signal: hooks.signal },
  );
  const config = { env: record.env, workdir: record.workdir, labels: labelsOf(image, record.digest) };
  await load(build, await dockerArchive(folder, tag, config));
  const { digest, env, packages, resolved, workdir } = record;
  const isTag = resolved !== null && !resolved.reference.includes("@");
  return { digest, env, packages, workdir, ...(isTag && { resolved: resolved.digest }) };
}

/** `load` reads what a program writes: no second copy of the archive. */
async function load({ dialect, log, hooks, folder }: Build, names: readonly string[]): Promise<void> {
  log.note(`tar … | ${dialect.name} load`);
  const tar = spawn("tar", ["--create", "--directory", folder, ...names], {
    env: hostEnvironment(),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const client = spawn(dialect.name, ["load"], {
    env: clientEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
    ...(hooks.signal && { signal: hooks.signal }),
  });
  const tail: string[] = [];
  for (const stream of [client.stdout, client.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n").filter(Boolean)) {
        log.add(line);
        tail.push(line);
      }
    });
  }
  const ended = new Promise<number | null>((resolve, reject) => client.on("error", reject).on("close", resolve));
  // A client that gives up says why itself.
  await Promise.all([pipeline(tar.stdout, client.stdin).catch(() => {}), ended]);
  const status = await ended;
  if (status !== 0) throw new ProgramFailed([dialect.name, "load"], tail, status, `it exited with ${status}`);
}

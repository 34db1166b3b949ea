import { stripVTControlCharacters } from "node:util";
import { LigaseError } from "../../kernel/index.ts";
import { buildError } from "../build/errors.ts";
import { openPlace } from "../build/place.ts";
import { openBuildLog, ProgramFailed, runProgram } from "../build/program.ts";
import { titleOf, wordsOf } from "../build/title.ts";
import { clientEnvironment } from "./environment.ts";
import { buildFromRoot, rootIsPossible } from "./from-root.ts";
import { inspectImage } from "./inspect.ts";
import { buildNatively } from "./native.ts";
import type { ImageRecord } from "./records.ts";
import type { Build } from "./under-way.ts";

/** Lines as they come, not a screen that is redrawn. */
const PLAIN = { BUILDKIT_PROGRESS: "plain", DOCKER_CLI_HINTS: "false" };

/** Docker's old builder prints errors in red whatever it prints to. */
function plain({ command, tail, status, message }: ProgramFailed): ProgramFailed {
  return new ProgramFailed(command, tail.map(stripVTControlCharacters), status, message);
}

/**
 * Makes a definition an image of the engine: of the root file system that the sandbox would have, where one can be built
 * here, so that all engines run the same bits; otherwise by the engine's own means.
 *
 * @throws LigaseError `LIGASE_E_IMAGE_BUILD`
 */
export async function buildImage(
  given: Pick<Build, "dialect" | "image" | "lock" | "tag" | "folder" | "imagesDir" | "hooks">,
): Promise<ImageRecord> {
  const { dialect, image, tag, imagesDir, hooks } = given;
  const layers = image.settled();
  const [short, title] = [image.identity.slice(0, 12), titleOf(layers)];
  const viaRoot = await rootIsPossible(layers);
  // Building the root file system says so itself.
  if (!viaRoot) hooks.say?.(`=> Building image ${short} (${title})`);
  const stamp = new Date().toISOString().replace(/[-:]|\..*/g, "");
  const log = openBuildLog(openPlace(imagesDir).log(`${short}-${dialect.name}-${stamp}`), hooks.output);
  const build: Build = {
    ...given,
    log,
    client: (args) =>
      runProgram([dialect.name, ...args], { log, env: { ...clientEnvironment(), ...PLAIN }, signal: hooks.signal }),
  };
  try {
    const made = viaRoot ? await buildFromRoot(build) : await buildNatively(build);
    const inspected = await inspectImage(dialect.name, tag);
    if (inspected === undefined) throw new Error(`${dialect.name} does not have the image that it built`);
    return {
      environment: { engine: dialect.name, identity: image.identity, place: tag, ...made },
      definition: image.toJSON(),
      builtAt: Date.now(),
      size: inspected.size,
    };
  } catch (error) {
    if (error instanceof LigaseError) throw error;
    throw buildError(
      error instanceof ProgramFailed ? plain(error) : error,
      { short, title, step: wordsOf(layers[0]!) },
      log.path,
    );
  } finally {
    await log.close();
  }
}

import { join } from "node:path";
import type { Program } from "../../code/types.ts";
import type { UploadFile } from "../../remote/index.ts";

/** The code of a program, as it goes to a server. */
export interface RemoteCode {
  readonly files: readonly UploadFile[];
  /** What is opened of it. */
  readonly entry: string;
}

/**
 * Packs the code of a program: one in TypeScript as a bundle that needs nothing, one in Python as the files of its project.
 *
 * @param runsItself - is it an ordinary program? What it does when it is started must not happen on the server
 */
export async function packCode(
  { root, entry }: Pick<Program, "root" | "entry">,
  storeDir: string,
  runsItself: boolean,
): Promise<RemoteCode> {
  const { packFiles, packProgram } = await import("../../code/pack/index.ts");
  if (entry.endsWith(".py")) return { files: packFiles(root, [storeDir]).files, entry };
  const packed = await packProgram(join(root, entry), { root, tasksOnly: runsItself });
  return { files: packed.files, entry: packed.bundle };
}

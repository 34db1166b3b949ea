import { accessSync, constants } from "node:fs";
import { delimiter, resolve } from "node:path";

/** Is a program there, on the path or where a name with a slash says? */
export function onPath(program: string, env: NodeJS.ProcessEnv = process.env): boolean {
  const folders = program.includes("/") ? [""] : (env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(resolve(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

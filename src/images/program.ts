import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Where a program stands on the path.
 *
 * @param path - folders, as `PATH` has them
 */
export function programOf(name: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

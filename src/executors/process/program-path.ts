import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * Where a program stands on a path; its name where it is not found, so that whoever starts it says so.
 *
 * @param path - folders, as `PATH` has them
 */
export function programPath(name: string, path = ""): string {
  if (isAbsolute(name)) return name;
  const places = path.split(delimiter).map((folder) => join(folder || ".", name));
  return places.find(isExecutable) ?? name;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

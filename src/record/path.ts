import { relative } from "node:path";

/** A path from a folder, where that is shorter than the path itself. */
export function pathFrom(path: string, cwd: string): string {
  if (/^https?:/.test(path)) return path;
  const near = relative(cwd, path);
  return near !== "" && near.length < path.length ? near : path;
}

import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";

/**
 * What an app is called when nobody says: after its project, and where it is not the `app.ts` of that, after its file.
 *
 * @param root - the project's folder
 * @param entry - relative to it, with `/`
 */
export function appName(root: string, entry: string): string {
  const project =
    nameIn(root, "package.json", /"name"\s*:\s*"([^"]+)"/) ??
    nameIn(root, "pyproject.toml", /^name\s*=\s*["']([^"']+)/m);
  const path = entry.slice(0, entry.length - extname(entry).length).split("/");
  // `index.ts` and `main.py` are nobody's name either.
  if (["app", "index", "main"].includes(path.at(-1) ?? "")) path.pop();
  const name = clean([project ?? basename(root), ...path].join("-"));
  return name === "" ? "app" : name;
}

function nameIn(root: string, file: string, pattern: RegExp): string | undefined {
  try {
    return pattern.exec(readFileSync(join(root, file), "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

/** Letters, digits and dashes, as in URLs. */
function clean(name: string): string {
  return name
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 63)
    .replace(/-+$/, "");
}

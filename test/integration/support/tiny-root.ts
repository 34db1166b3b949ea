import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Makes a root file system of a few of this machine's programs and what they need: 5 MB, in no time. */
export function tinyRoot(root: string, programs: readonly string[] = ["sh", "cat", "ls", "id", "env"]): string {
  const put = (from: string, at: string): void => {
    mkdirSync(join(root, dirname(at)), { recursive: true });
    copyFileSync(realpathSync(from), join(root, at));
  };
  for (const program of programs) {
    const path = execFileSync("sh", ["-c", 'command -v "$1"', "sh", program], { encoding: "utf8" }).trim();
    put(path, `/bin/${program}`);
    const libraries = execFileSync("ldd", [path], { encoding: "utf8" });
    for (const [library] of libraries.matchAll(/\/\S+/g)) put(library, library);
  }
  mkdirSync(join(root, "etc"), { recursive: true });
  return root;
}

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** A root file system with a few of this machine's programs, and what they load: made in a moment, where Debian's takes 10 s. */
export function smallRoot(root: string, programs: readonly string[]): string {
  for (const name of ["bin", "proc", "dev", "tmp", "etc"]) mkdirSync(join(root, name), { recursive: true });
  for (const program of programs) {
    copyFileSync(`/bin/${program}`, join(root, "bin", program));
    const libraries = execFileSync("ldd", [`/bin/${program}`], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g);
    for (const [, library = ""] of libraries) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      if (!existsSync(join(root, library))) copyFileSync(library, join(root, library));
    }
  }
  return root;
}

/** The armed point and how many hits it still lets pass; read once, so that an unarmed process pays a comparison. */
const [armed, hit = "1"] = (process.env["LIGASE_CRASH"] ?? "").split(":");
let left = Number(hit);

/**
 * A named place where a test can make the process die as a power cut or `kill -9` would: with
 * `LIGASE_CRASH=store.commit.before` in its environment the process kills itself there, with
 * `LIGASE_CRASH=store.commit.before:3` at the third time that it comes by.
 *
 * The points that exist are listed in `docs/store.md` and beside the code that they interrupt.
 *
 * @example
 * ```ts
 * writeFileSync(temporary, text);
 * crashPoint("store.value.rename");
 * renameSync(temporary, path);
 * ```
 */
export function crashPoint(name: string): void {
  if (name === armed && --left === 0) process.kill(process.pid, "SIGKILL");
}

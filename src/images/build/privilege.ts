import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LigaseError } from "../../kernel/index.ts";
import { hostEnvironment } from "./program.ts";

const exec = promisify(execFile);

/**
 * As whom an environment is built: as root; as a user who has a range of subordinate ids, which become the ids inside (then
 * `prefix` is what enters such a namespace); or as a user without, who can unpack images but not install packages.
 */
export interface Privilege {
  readonly kind: "root" | "mapped" | "single";
  readonly prefix: readonly string[];
}

const MAPPED = ["unshare", "--user", "--map-auto", "--map-root-user", "--"];

/** Looks at what this process may do: about 5 ms for a user, nothing for root. */
export async function findPrivilege(): Promise<Privilege> {
  if (process.getuid?.() === 0) return { kind: "root", prefix: [] };
  try {
    await exec(MAPPED[0]!, [...MAPPED.slice(1), "true"], { env: hostEnvironment() });
    return { kind: "mapped", prefix: MAPPED };
  } catch {
    return { kind: "single", prefix: [] };
  }
}

/** How a user gets a range of ids. */
export const SUBIDS_MEND =
  "apt-get install uidmap, then: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER";

/** Refuses to install packages where files cannot have owners. */
export function needOwners(privilege: Privilege, what: string): void {
  if (privilege.kind !== "single") return;
  throw new LigaseError("LIGASE_E_IMAGE_ENGINE", `${what} needs a range of subordinate user ids, and you have none`, {
    mend: `${SUBIDS_MEND}; or use podman or docker: container: { engine: "podman" }`,
  });
}

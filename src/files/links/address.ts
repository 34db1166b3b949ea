import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { newId } from "../../kernel/index.ts";

/** What a server says of itself in the folder of the store that it serves. */
export interface Announcement {
  /** Where it is: `http://127.0.0.1:4747`. */
  readonly url: string;
  readonly pid: number;
  /** When the process began, as the system says it: another may have its number later. Empty where that is unknown. */
  readonly started: string;
  readonly host: string;
}

const FILE = "server.json";

/** Says where a store is served. The file is this user's alone; what another server of this store said is replaced. */
export function announce(storeDir: string, announcement: Pick<Announcement, "url">): void {
  const said: Announcement = { ...announcement, pid: process.pid, started: startOf(process.pid), host: hostname() };
  const path = join(storeDir, FILE);
  const temporary = `${path}.${newId()}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(said)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Takes back what this process announced. */
export function withdraw(storeDir: string): void {
  const said = read(storeDir);
  if (said?.pid === process.pid && said.host === hostname()) rmSync(join(storeDir, FILE), { force: true });
}

/** Where a store is served, by a process that is still there. */
export function serverOf(storeDir: string): string | undefined {
  const said = read(storeDir);
  if (!said) return undefined;
  if (said.host === hostname()) return isAlive(said) ? said.url : undefined;
  // Of a process of another machine nothing can be said from here; but its own loopback is not ours.
  return isLoopback(new URL(said.url).hostname) ? undefined : said.url;
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name === "[::1]" || name.startsWith("127.");
}

function read(storeDir: string): Announcement | undefined {
  try {
    const said: unknown = JSON.parse(readFileSync(join(storeDir, FILE), "utf8"));
    return isAnnouncement(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

function isAnnouncement(said: unknown): said is Announcement {
  if (typeof said !== "object" || said === null) return false;
  const { url, pid, started, host } = said as Readonly<Record<string, unknown>>;
  if (typeof url !== "string" || !/^https?:/.test(url) || !URL.canParse(url)) return false;
  return Number.isInteger(pid) && typeof started === "string" && typeof host === "string";
}

function isAlive({ pid, started }: Announcement): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return started === "" || startOf(pid) === started;
}

/** When a process began, in ticks since the machine did; nothing where there is no `/proc`. */
function startOf(pid: number): string {
  try {
    // The name, in brackets, may hold anything: fields are counted from behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[19] ?? "";
  } catch {
    return "";
  }
}

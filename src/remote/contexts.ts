import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fsError, systemCode } from "../files/fs-error.ts";
import { LigaseError, nearest, newId } from "../kernel/index.ts";
import { openRemote, Remote, type RemoteOptions } from "./client.ts";

/** The variables that contexts look at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A server that commands and programs can speak to, by a name. */
export interface Context {
  readonly name: string;
  readonly url: string;
  readonly key?: string;
}

/** All that a user knows. */
export interface Contexts {
  /** The one that stands where none is named; null for the server of the project around here. */
  readonly current: string | null;
  /** By name. */
  readonly contexts: readonly Context[];
}

/** The word for the server of the project around here, in the place of a context. */
export const LOCAL = "local";

/** Where contexts are kept: `$XDG_CONFIG_HOME/ligase/contexts.json`, else below `~/.config`. */
export function contextsFile(env: Environment = process.env): string {
  return join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "ligase", "contexts.json");
}

/**
 * Reads the contexts of this user.
 *
 * @throws LigaseError `LIGASE_E_CONTEXT` when the file is not what Ligase wrote
 */
export function readContexts(env: Environment = process.env): Contexts {
  const path = contextsFile(env);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { current: null, contexts: [] };
    throw fsError(error, path, "read");
  }
  const { current, contexts } = parsed(text, path);
  return { current: current !== null && contexts.some(({ name }) => name === current) ? current : null, contexts };
}

/** Adds a context, or replaces the one of that name. Which one is current stays as it is. */
export function addContext(context: Context, env: Environment = process.env): void {
  const { name } = context;
  checkContext(context);
  const { current, contexts } = readContexts(env);
  const others = contexts.filter((each) => each.name !== name);
  write({ current, contexts: [...others, context] }, env);
}

/**
 * Makes a context the current one; `local` stands for none.
 *
 * @throws LigaseError `LIGASE_E_CONTEXT` naming the nearest right one
 */
export function selectContext(name: string, env: Environment = process.env): void {
  const { contexts } = readContexts(env);
  write({ current: name === LOCAL ? null : named(name, contexts).name, contexts }, env);
}

/** Forgets a context with its key. */
export function removeContext(name: string, env: Environment = process.env): void {
  const { current, contexts } = readContexts(env);
  const { name: gone } = named(name, contexts);
  write({ current: current === gone ? null : current, contexts: contexts.filter((each) => each.name !== gone) }, env);
}

/**
 * Which server is meant: the one that is named (a context, or an address), else `LIGASE_CONTEXT`, else the current context.
 * `LIGASE_API_KEY` stands before the key of a context.
 *
 * @returns nothing for the server of the project around here
 * @throws LigaseError `LIGASE_E_CONTEXT` for a name that is unknown
 */
export function findContext(
  name: string | undefined,
  env: Environment = process.env,
): (RemoteOptions & { readonly name: string }) | undefined {
  const wanted = name ?? (env["LIGASE_CONTEXT"] || undefined);
  if (wanted === LOCAL) return undefined;
  const key = env["LIGASE_API_KEY"] || undefined;
  if (wanted !== undefined && /^https?:\/\//.test(wanted)) {
    checkUrl(wanted);
    return { name: wanted, url: wanted, key };
  }
  const { current, contexts } = readContexts(env);
  const found = wanted ?? current;
  if (found === null) return undefined;
  const context = named(found, contexts);
  return { name: context.name, url: context.url, key: key ?? context.key };
}

/**
 * A client of the server that is meant: that of a context, else the one that runs for a store.
 *
 * @param storeDir - asked for only where no context is meant
 * @throws LigaseError `LIGASE_E_CONTEXT`; `LIGASE_E_NO_SERVER` when none runs for the store
 */
export async function remoteFor(
  name: string | undefined,
  storeDir: () => string | Promise<string>,
  env: Environment = process.env,
): Promise<Remote> {
  const context = findContext(name, env);
  return context ? new Remote(context) : openRemote(await storeDir());
}

/** Does an address lead to this machine? */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    (isIP(hostname) === 4 && hostname.startsWith("127."))
  );
}

/**
 * Checks the name and the address of a context.
 *
 * @throws LigaseError `LIGASE_E_CONTEXT`
 */
export function checkContext({ name, url }: Pick<Context, "name" | "url">): void {
  checkName(name);
  checkUrl(url);
}

function checkName(name: string): void {
  if (/^[a-z0-9](?:[a-z0-9._-]{0,62})$/i.test(name) && name !== LOCAL) return;
  const why = name === LOCAL ? "that is the server of the project around here" : "it is no name";
  throw new LigaseError("LIGASE_E_CONTEXT", `a context cannot be called ${JSON.stringify(name)}: ${why}`, {
    facts: { context: name },
    mend: "letters, digits, - . _, such as team",
  });
}

function checkUrl(url: string): void {
  const parsedUrl = URL.canParse(url) ? new URL(url) : undefined;
  const isServer = parsedUrl && /^https?:$/.test(parsedUrl.protocol) && parsedUrl.search + parsedUrl.hash === "";
  if (isServer && parsedUrl.username + parsedUrl.password === "") return;
  throw new LigaseError("LIGASE_E_CONTEXT", `this is no address of a server: ${withoutUser(parsedUrl, url)}`, {
    mend: "write https://ligase.example.org, without a user, a password or a query",
  });
}

/** What stands before `@` may be a password. */
function withoutUser(url: URL | undefined, text: string): string {
  return url ? `${url.protocol}//${url.host}${url.pathname}` : text;
}

function named(name: string, contexts: readonly Context[]): Context {
  const found = contexts.find((each) => each.name === name);
  if (found) return found;
  const names = contexts.map((each) => each.name);
  const near = nearest(name, names);
  throw new LigaseError("LIGASE_E_CONTEXT", `there is no context ${name}`, {
    facts: { context: name, known: names },
    mend:
      near !== undefined
        ? `did you mean ${near}?`
        : names.length > 0
          ? `there are ${names.join(", ")}`
          : `ligase context add ${name} https://…`,
  });
}

function parsed(text: string, path: string): Contexts {
  const refuse = (cause?: unknown): never => {
    throw new LigaseError("LIGASE_E_CONTEXT", `${path} is not what ligase context wrote`, {
      facts: { path },
      mend: "mend it, or remove it and add the contexts again",
      ...(cause !== undefined && { cause }),
    });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse(error);
  }
  if (!isRecord(json) || !isRecord(json["contexts"])) return refuse();
  const { current = null, contexts } = json;
  if (current !== null && typeof current !== "string") return refuse();
  return {
    current,
    contexts: Object.entries(contexts).map(([name, context]) => {
      if (!isRecord(context)) return refuse();
      const { url, key } = context;
      if (typeof url !== "string" || (key !== undefined && typeof key !== "string")) return refuse();
      return { name, url, ...(key !== undefined && { key }) };
    }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys are in it: nobody else reads it, and at no moment is there half of it. */
function write({ current, contexts }: Contexts, env: Environment): void {
  const path = contextsFile(env);
  const sorted = contexts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const text = JSON.stringify(
    { current, contexts: Object.fromEntries(sorted.map(({ name, ...context }) => [name, context])) },
    null,
    2,
  );
  const temporary = join(dirname(path), `.${newId()}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${text}\n`, { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fsError(error, path, "write");
  }
}

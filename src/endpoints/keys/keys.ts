import { hash, timingSafeEqual } from "node:crypto";
import { userInfo } from "node:os";
import { newId } from "../../kernel/index.ts";
import type { KeyView, NewKey } from "../../remote/index.ts";
import type { ApiKeyRow } from "../../store/serving.ts";
import type { Store } from "../../store/types.ts";
import type { Caller, Keys } from "../services.ts";
import { checkNewKey, impliedVerbs, type KeyScopes, VERBS } from "./scopes.ts";
import { newSecret, removeToken, writeToken } from "./token.ts";

/** What keys are opened with. */
export interface KeysOptions {
  readonly store: Pick<Store, "listApiKeys" | "putApiKey">;
  /** Where the token file is written. */
  readonly storeDir: string;
  /** The clock: milliseconds since 1970. */
  readonly now?: () => number;
}

/** A key is told to have been used at most so often, in milliseconds: a write for each request would cost more than the request. */
const USED_EVERY_MS = 60_000;

interface Known {
  row: ApiKeyRow;
  readonly scopes: KeyScopes;
  readonly caller: Caller;
  readonly digest: Buffer;
}

/** Opens the keys of a store, and writes the token file of its user. */
export async function openKeys({ store, storeDir, now = Date.now }: KeysOptions): Promise<Keys> {
  const keys = new StoredKeys(store, now, await store.listApiKeys());
  const token = writeToken(storeDir);
  const digest = digestOf(token);
  const owner: Caller = { kind: "owner", name: userName(), id: "owner", verbs: new Set(VERBS), endpoints: null };
  return {
    create: (key) => keys.create(key),
    list: async () => keys.list(),
    revoke: (id) => keys.revoke(id),
    check(secret) {
      const asked = digestOf(secret);
      return timingSafeEqual(asked, digest) ? owner : keys.check(asked);
    },
    async close() {
      removeToken(storeDir, token);
      await keys.written();
    },
  };
}

/** The keys of a store, all in memory: this process alone changes them. */
class StoredKeys {
  readonly #store: KeysOptions["store"];
  readonly #now: () => number;
  /** By the hash, as text. Who does not have a key cannot choose its hash, so that finding one tells nothing of others. */
  readonly #byHash = new Map<string, Known>();
  readonly #byId = new Map<string, Known>();
  /** Rows are written one after the other, or an earlier one might win. */
  #writing: Promise<void> = Promise.resolve();

  constructor(store: KeysOptions["store"], now: () => number, rows: readonly ApiKeyRow[]) {
    this.#store = store;
    this.#now = now;
    for (const row of rows) this.#keep(row);
  }

  async create(key: NewKey): Promise<KeyView & { readonly key: string }> {
    const now = this.#now();
    const good = [...this.#byId.values()].filter(({ row }) => this.#isGood(row));
    checkNewKey(
      key,
      good.map(({ row }) => row.name),
    );
    const secret = newSecret("lgs");
    const scopes: KeyScopes = { verbs: [...new Set(key.verbs)], endpoints: key.endpoints ?? null };
    const row: ApiKeyRow = {
      id: newId(),
      name: key.name,
      hash: digestOf(secret).toString("hex"),
      hint: `${secret.slice(0, 8)}…${secret.slice(-4)}`,
      scopes: JSON.stringify(scopes),
      createdAt: now,
      expiresAt: key.expiresIn === undefined ? null : now + key.expiresIn,
      revokedAt: null,
      usedAt: null,
    };
    // In memory first: two of one name at once are one too many.
    const known = this.#keep(row);
    try {
      await this.#write(row);
    } catch (error) {
      this.#byHash.delete(row.hash);
      this.#byId.delete(row.id);
      throw error;
    }
    return { ...viewOf(known), key: secret };
  }

  /** Newest first. */
  list(): readonly KeyView[] {
    return [...this.#byId.values()].map(viewOf).toSorted((a, b) => b.createdAt - a.createdAt);
  }

  async revoke(id: string): Promise<boolean> {
    const known = this.#byId.get(id);
    if (!known) return false;
    if (known.row.revokedAt === null) known.row = { ...known.row, revokedAt: this.#now() };
    await this.#write(known.row);
    return true;
  }

  check(digest: Buffer): Caller | undefined {
    const known = this.#byHash.get(digest.toString("hex"));
    if (!known || !timingSafeEqual(digest, known.digest) || !this.#isGood(known.row)) return undefined;
    const now = this.#now();
    if (now - (known.row.usedAt ?? 0) >= USED_EVERY_MS) {
      known.row = { ...known.row, usedAt: now };
      // A store that cannot be written says so elsewhere.
      void this.#write(known.row).catch(() => {});
    }
    return known.caller;
  }

  /** Waits until all is recorded. */
  async written(): Promise<void> {
    await this.#writing.catch(() => {});
  }

  #write(row: ApiKeyRow): Promise<void> {
    const written = this.#writing.catch(() => {}).then(() => this.#store.putApiKey(row));
    this.#writing = written;
    return written;
  }

  #isGood({ revokedAt, expiresAt }: ApiKeyRow): boolean {
    return revokedAt === null && (expiresAt === null || this.#now() < expiresAt);
  }

  #keep(row: ApiKeyRow): Known {
    const scopes = scopesOf(row);
    const caller: Caller = {
      kind: "key",
      name: row.name,
      id: row.id,
      verbs: impliedVerbs(scopes.verbs),
      endpoints: scopes.endpoints && new Set(scopes.endpoints),
    };
    const known: Known = { row, scopes, caller, digest: Buffer.from(row.hash, "hex") };
    this.#byHash.set(row.hash, known);
    this.#byId.set(row.id, known);
    return known;
  }
}

function digestOf(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

/** What this process wrote itself. */
function scopesOf({ scopes }: ApiKeyRow): KeyScopes {
  return JSON.parse(scopes) as KeyScopes;
}

function viewOf({ row, scopes }: Known): KeyView {
  const { id, name, hint, createdAt, expiresAt, revokedAt, usedAt } = row;
  return { id, name, hint, ...scopes, createdAt, expiresAt, revokedAt, usedAt };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without a name, as containers have.
    return `user ${process.getuid?.() ?? ""}`.trim();
  }
}

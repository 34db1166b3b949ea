/** One place at which two values differ. */
export interface Difference {
  /** `[0].reads1`, `.id`; empty for the whole. */
  readonly path: string;
  /** As people write it; nothing where it is absent. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const MOST = 50;

/** A file or folder as the codec writes it. */
interface Located {
  readonly $: "file" | "dir";
  readonly v: {
    readonly path: string;
    readonly hash?: string;
    readonly size?: number;
    readonly sidecars?: readonly unknown[];
  };
}

function isLocated(json: unknown): json is Located {
  return typeof json === "object" && json !== null && "$" in json && (json.$ === "file" || json.$ === "dir");
}

/** An argument that was not given, so that the function's default counts. */
function isAbsent(json: unknown): boolean {
  return json === undefined || (typeof json === "object" && json !== null && "$" in json && json.$ === "undefined");
}

/** What counts of a value: of a file its name and content. */
function identity(json: unknown): string {
  return JSON.stringify(json, (_, part: unknown) =>
    isLocated(part) ? { $: part.$, name: nameOf(part.v.path), hash: part.v.hash, sidecars: part.v.sidecars } : part,
  );
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A value in a line. */
function show(json: unknown): string {
  if (isLocated(json)) {
    const { path, hash, size } = json.v;
    return `${path.replace(/^ligase:/, "")} (${size ?? "?"} bytes, sha256 ${hash?.slice(0, 12) ?? "?"})`;
  }
  if (typeof json === "object" && json !== null && "$" in json && "v" in json) {
    return typeof json.v === "string" ? json.v : JSON.stringify(json.v);
  }
  const text = JSON.stringify(json);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/**
 * The places at which two stored values differ.
 *
 * @param before - as the codec writes it
 * @param names - of the items of the outermost list: the parameters of a task
 */
export function differences(before: string, after: string, names: readonly string[] = []): readonly Difference[] {
  const found: Difference[] = [];
  const walk = (a: unknown, b: unknown, path: string, depth: number): void => {
    if (found.length >= MOST || identity(a) === identity(b)) return;
    const walkable = (json: unknown): json is Record<string, unknown> | unknown[] =>
      typeof json === "object" && json !== null && !("$" in json);
    if (walkable(a) && walkable(b) && Array.isArray(a) === Array.isArray(b)) {
      const x = a as Record<string, unknown>;
      const y = b as Record<string, unknown>;
      for (const key of new Set([...Object.keys(x), ...Object.keys(y)])) {
        const named = depth === 0 ? names[Number(key)] : undefined;
        const step =
          named ??
          (Array.isArray(a)
            ? `[${key}]`
            : /^[A-Za-z_$][\w$]*$/.test(key)
              ? `${path === "" ? "" : "."}${key}`
              : `[${JSON.stringify(key)}]`);
        walk(x[key], y[key], path + step, depth + 1);
      }
      return;
    }
    found.push({ path, before: isAbsent(a) ? undefined : show(a), after: isAbsent(b) ? undefined : show(b) });
  };
  walk(JSON.parse(before), JSON.parse(after), "", 0);
  return found;
}

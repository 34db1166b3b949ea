/** A value as plain data, the same on every machine: a file is its name, its size and its hash. */
export type Snapshot = null | boolean | number | string | readonly Snapshot[] | { readonly [key: string]: Snapshot };

/** A file or folder as the codec writes it. */
interface Located {
  readonly path: string;
  readonly hash?: string;
  readonly size?: number;
  readonly sidecars?: readonly unknown[];
}

/**
 * Makes a snapshot of a value as it is stored.
 *
 * @param text - as the codec writes it
 * @example
 * ```ts
 * snapshotOf('{"bam":{"$":"file","v":{"path":"/tmp/x/a.bam","hash":"4f…","size":120}}}');
 * // { bam: { file: "a.bam", bytes: 120, sha256: "4f…" } }
 * ```
 */
export function snapshotOf(text: string): Snapshot {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== "object" || part === null || !("$" in part)) return part;
    const v = "v" in part ? part.v : undefined;
    switch (part.$) {
      case "file":
      case "dir":
        return locatedSnapshot(part.$, v as Located);
      case "date":
        return typeof v === "number" ? new Date(v).toISOString() : v;
      case "undefined":
        return null;
      default:
        return v;
    }
  }) as Snapshot; // What JSON gives, with its tags taken off.
}

function locatedSnapshot(kind: "file" | "dir", { path, hash, size, sidecars = [] }: Located): object {
  return {
    [kind]: path.slice(path.lastIndexOf("/") + 1),
    ...(size !== undefined && { bytes: size }),
    ...(hash !== undefined && { sha256: hash }),
    ...(sidecars.length > 0 && { sidecars }),
  };
}

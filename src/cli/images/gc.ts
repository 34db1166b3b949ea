import { collectable, type Collectable, collectImages } from "../../images/build/index.ts";
import { titleOf } from "../../images/build/title.ts";
import { formatBytes, parseDuration } from "../../kernel/index.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";
import { usageError } from "../usage-error.ts";

/** What is to be freed. */
export interface GcWish {
  /** `30d` */
  readonly olderThan: string | undefined;
  /** Downloaded packages, too. */
  readonly caches: boolean;
  /** Digests of environments that runs here were made in: they stay. */
  readonly needed: ReadonlySet<string>;
}

const USUAL = "30d";

/** What may go of the environments. */
export function planGc(imagesDir: string, { olderThan = USUAL, caches, needed }: GcWish): readonly Collectable[] {
  return collectable(imagesDir, {
    before: Date.now() - readAge(olderThan),
    caches,
    keep: ({ digest }) => needed.has(digest),
  });
}

function readAge(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw usageError("LIGASE_E_FLAG", `--older-than ${text} is no duration`, "write 30d, 12h, 90m");
  }
}

export { collectImages };

/** A plan for a program. */
export function gcFacts(found: readonly Collectable[]): object {
  return found.map(({ kind, path, size, usedAt, record }) => ({
    kind,
    path,
    size,
    usedAt,
    identity: record?.identity ?? null,
  }));
}

/** A plan for people. */
export function gcLines(found: readonly Collectable[], { styleOut: paint, widthOut }: Terminal): readonly string[] {
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  const environments = found.filter(({ kind }) => kind === "environment");
  const others = (["step", "leftover", "log", "cache"] as const).flatMap((kind) => {
    const number = found.filter((each) => each.kind === kind).length;
    return number === 0 ? [] : [`  ${count(number, kind)}`];
  });
  return [
    `${paint("strong", formatBytes(bytes))} would be freed`,
    ...columns(
      environments.map(({ record, usedAt }) => [
        `  ${paint("accent", record?.identity.slice(0, 12) ?? "")}`,
        `used ${ago(usedAt)}`,
        record === undefined ? "" : titleOf(record.layers),
      ]),
      { width: widthOut },
    ),
    ...others,
  ];
}

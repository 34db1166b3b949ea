import { nearest, parseDuration } from "../kernel/index.ts";
import { JOB_STATES, type Page, RUN_STATES, type Selection } from "../record/select.ts";
import type { Store } from "../store/types.ts";
import { type OptionSpecs, type OptionValues, readTags } from "./options.ts";
import { usageError } from "./usage-error.ts";

/** The options by which every command that reads the record is told what of it is wanted. */
export const SELECTION = {
  failed: { type: "boolean", doc: "only what failed" },
  state: {
    type: "list",
    value: "<state>",
    doc: `only what is ${[...new Set([...RUN_STATES, ...JOB_STATES])].join(", ")}; may be repeated`,
  },
  task: { type: "text", value: "<task>", doc: "only jobs of this task, or runs that have one" },
  since: { type: "text", value: "<time>", doc: "only what began in the last 2h, 3d …, or since 2026-11-30, today" },
  tag: { type: "list", value: "<key=value>", doc: "only what has this tag; may be repeated" },
  input: {
    type: "text",
    value: "<text>",
    doc: "only what was given this: a sample's name, a file's path, or a part of it",
  },
} as const satisfies OptionSpecs;

/** The options of a list. */
export const PAGE = {
  limit: { type: "number", value: "<n>", short: "n", doc: "how many; 0 for all" },
  page: { type: "number", value: "<n>", doc: "which page of so many (1)" },
} as const satisfies OptionSpecs;

const ALL_STATES: readonly string[] = [...RUN_STATES, ...JOB_STATES];

/**
 * Reads {@link SELECTION}.
 *
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2, for a state or a time that is none
 */
export function readSelection({ failed, state, task, since, tag, input }: OptionValues<typeof SELECTION>): Selection {
  const states = [...state.flatMap((word) => word.split(",")), ...(failed ? ["failed"] : [])];
  const known = [...RUN_STATES, ...JOB_STATES].filter((each) => states.includes(each));
  const wrong = states.find((each) => !ALL_STATES.includes(each));
  if (wrong !== undefined) {
    const near = nearest(wrong, ALL_STATES);
    const mend = near === undefined ? `there are ${[...new Set(ALL_STATES)].join(", ")}` : `did you mean ${near}?`;
    throw usageError("LIGASE_E_FLAG", `--state ${wrong} is no state`, mend);
  }
  return {
    ...(states.length > 0 && { states: known }),
    ...(task !== undefined && { task }),
    ...(since !== undefined && { since: readTime(since) }),
    ...(tag.length > 0 && { tags: readTags(tag) }),
    ...(input !== undefined && { input }),
  };
}

/** Was anything selected? */
export function isSelective(selection: Selection): boolean {
  return Object.values(selection).some((wanted) => wanted !== null);
}

/** A time as people say it: `2h`, `3d ago`, `2026-11-30`, `2026-11-30 14:00`, `today`, `yesterday`. */
function readTime(text: string, now = Date.now()): number {
  const word = text.trim().toLowerCase();
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (word === "today") return midnight;
  if (word === "yesterday") return new Date(midnight - 1).setHours(0, 0, 0, 0);
  if (/^\d{4}-\d\d-\d\d/.test(word)) {
    // A date alone would be taken for one in UTC.
    const time = Date.parse(word.length === 10 ? `${word}T00:00` : text.trim());
    if (!Number.isNaN(time)) return time;
  }
  try {
    return now - parseDuration(word.replace(/ ago$/, ""));
  } catch {
    throw usageError(
      "LIGASE_E_FLAG",
      `--since ${text} is no time`,
      'write 2h, 3d, 2026-11-30, "2026-11-30 14:00" or yesterday',
    );
  }
}

/**
 * Reads {@link PAGE}.
 *
 * @param usual - how many are shown where nothing is said
 * @throws LigaseError `LIGASE_E_FLAG`, exit status 2, for numbers that cannot be
 */
export function readPage({ limit, page = 1 }: OptionValues<typeof PAGE>, usual: number): Page {
  const most = limit ?? usual;
  if (!Number.isInteger(most) || most < 0) throw usageError("LIGASE_E_FLAG", `--limit ${most} is no number of lines`);
  if (!Number.isInteger(page) || page < 1)
    throw usageError("LIGASE_E_FLAG", `--page ${page} is no page`, "the first is 1");
  if (most === 0) return {};
  return { limit: most, offset: (page - 1) * most };
}

/**
 * A page of a list, and whether there is more behind it.
 *
 * @param list - answers the rows of a page
 */
export async function pageOf<T>(
  { limit, offset = 0 }: Page,
  list: (page: Page) => Promise<readonly T[]>,
): Promise<{ rows: readonly T[]; more: boolean }> {
  if (limit === undefined) return { rows: await list({}), more: false };
  const rows = await list({ limit: limit + 1, offset });
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

/**
 * Says that nothing is like that; where a task was named that never ran, that it is this.
 *
 * @throws LigaseError `LIGASE_E_NO_TASK`, exit status 2, with the nearest one
 */
export async function checkTask(store: Store, { task }: Selection): Promise<void> {
  if (task === undefined) return;
  const names = new Set((await store.listTasks()).map(({ name }) => name));
  if (names.has(task)) return;
  const near = nearest(task, names);
  throw usageError(
    "LIGASE_E_NO_TASK",
    `no task ${task} ran here`,
    near === undefined ? "ligase tasks lists those that did" : `did you mean ${near}?`,
    { task },
  );
}

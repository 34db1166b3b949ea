import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../../kernel/index.ts";
import { usageError } from "../usage-error.ts";

/** What an error code means. */
export interface ErrorEntry {
  readonly code: string;
  readonly when: string;
  readonly mend: string;
}

/** The page lies beside the code, in a checkout as in an installed package. */
const PAGE = join(import.meta.dirname, "../../../docs/errors.md");

/**
 * What the page of errors says of a code.
 *
 * @throws LigaseError `LIGASE_E_ID`, exit status 2, with the nearest one
 */
export function errorEntry(code: string): ErrorEntry {
  const entries = new Map<string, ErrorEntry>();
  // A row of a table: `| `LIGASE_E_FLAG` | when | what to do |`.
  for (const [, name, when, mend] of readFileSync(PAGE, "utf8").matchAll(
    /^\| `(LIGASE_\w+)` *\| (.*?) *\| (.*?) *\|$/gm,
  )) {
    entries.set(name!, { code: name!, when: plain(when!), mend: plain(mend!) });
  }
  const entry = entries.get(code);
  if (entry) return entry;
  const near = nearest(code, entries.keys());
  throw usageError(
    "LIGASE_E_ID",
    `there is no error ${code}`,
    near === undefined ? "docs/errors.md lists them" : `did you mean ${near}?`,
  );
}

/** Markdown without its marks. */
const plain = (text: string): string =>
  text
    .replaceAll(/`([^`]*)`/g, "$1")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll("\\|", "|");

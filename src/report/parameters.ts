import { namedParameters } from "../record/parameter-names.ts";
import { storedValue } from "../record/stored-value.ts";
import { isSecretName } from "./redact.ts";
import type { RunRows } from "./read/rows.ts";
import { textOf } from "./read/values.ts";

/** A parameter of the task that was run. */
export interface ReportedParameter {
  readonly name: string;
  /** What it was, files as their paths; for a default the text in the code. */
  readonly value: string;
  readonly isDefault: boolean;
}

const LONGEST_VALUE = 2000;

/** The parameters of a run: what was given, and the defaults of what was not. */
export async function readParameters({ record, run, jobs, tasks }: RunRows): Promise<ReportedParameter[]> {
  const top = jobs.find((job) => job.parent === null && job.task === run.task);
  const named = await namedParameters((top && tasks.get(top.taskHash)?.code) ?? "");
  const text = await textOf(record.store, run.argsValue ?? top?.argsValue);
  const args = text === undefined ? [] : listIn(storedValue(text, record, record.root));
  const given = text === undefined ? [] : listIn(JSON.parse(text));
  return Array.from({ length: Math.max(args.length, named.length) }, (_, i) => {
    const name = named[i]?.name || `argument ${i + 1}`;
    const arg = args[i];
    const initial = named[i]?.initial;
    const isDefault = initial !== undefined && isLeftOut(given[i]);
    const value = isDefault ? initial : arg === undefined ? "" : typeof arg === "string" ? arg : JSON.stringify(arg);
    return { name, value: isSecretName(name) ? "…" : shortened(value), isDefault };
  });
}

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `undefined`, as the codec writes it, or not there at all. */
function isLeftOut(stored: unknown): boolean {
  return (
    stored === undefined || (typeof stored === "object" && stored !== null && "$" in stored && stored.$ === "undefined")
  );
}

function shortened(value: string): string {
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
}

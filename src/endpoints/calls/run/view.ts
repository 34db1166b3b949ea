import { isAlive } from "../../../engine/is-alive.ts";
import { Codec, errorFacts, type ErrorFacts, LigaseError } from "../../../kernel/index.ts";
import { jobCounts } from "../../../record/job-counts.ts";
import { asTheyAre } from "../../../record/liveness.ts";
import type { RunView } from "../../../remote/index.ts";
import type { RunRow, Store } from "../../../store/types.ts";
import type { Submission, SubmissionFiles } from "./submission.ts";

/** How much of what a process wrote last is told when it never began its run, in characters. */
const TAIL = 2000;

/** A run as it is: what the record says of it, and before there is a record, what is known of its process. */
export async function viewOf(id: string, files: SubmissionFiles, store: Store): Promise<RunView | undefined> {
  const submission = files.read(id);
  // In this order: a process that is gone has said its last word before.
  const alive = submission?.process ? isAlive(submission.process.pid, submission.process.started) : false;
  const row = await store.getRun(id);
  if (row) return recorded(row, submission !== undefined && !alive, store);
  return submission && unrecorded(submission, alive, files);
}

async function recorded(row: RunRow, gone: boolean, store: Store): Promise<RunView> {
  const [now = row] = row.state === "running" && !gone ? await asTheyAre(store, [row]) : [row];
  const state = now.state === "running" && gone ? "interrupted" : now.state;
  const wanted = [now.resultValue, now.errorValue].filter((hash) => hash !== null);
  const [values, jobs] = await Promise.all([store.findValues(wanted), jobCounts(store, row.id)]);
  const result = now.resultValue === null ? undefined : values.get(now.resultValue);
  const error = now.errorValue === null ? undefined : values.get(now.errorValue);
  return {
    id: now.id,
    task: now.task,
    state,
    startedAt: now.startedAt,
    endedAt: now.endedAt,
    jobs,
    ...(state === "done" && result !== undefined && { result }),
    ...(error !== undefined && { error: factsOf(error) }),
  };
}

function unrecorded(submission: Submission, alive: boolean, files: SubmissionFiles): RunView {
  const { id, name, cancelled, process } = submission;
  const facts = { id, task: name, startedAt: null, endedAt: null };
  if (alive || (!process && !cancelled)) return { ...facts, state: "pending" };
  if (cancelled) return { ...facts, state: "cancelled" };
  return { ...facts, state: "failed", error: refusalOf(id, files) };
}

/** Why a run never began. */
function refusalOf(id: string, files: SubmissionFiles): ErrorFacts {
  const written = files.text(id, "refusal.json");
  if (written !== "") return JSON.parse(written) as ErrorFacts;
  const tail = files.text(id, "stderr").trim().slice(-TAIL);
  return errorFacts(
    new LigaseError("LIGASE_E_RUN", tail === "" ? "its process ended before it began" : tail, { facts: { run: id } }),
  );
}

/** What failed, as plain data: the record has it as the codec writes it. */
function factsOf(text: string): ErrorFacts {
  return errorFacts(new Codec([]).decode(text));
}

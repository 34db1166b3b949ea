import { formatDuration } from "../../kernel/index.ts";
import type { TaskSummary } from "../../record/task-summaries.ts";
import { type Column, type Columns } from "./table.ts";
import { countsText } from "./run-columns.ts";
import type { JobState } from "../../store/types.ts";

/** What is shown of tasks where nothing is said. */
export const USUAL_TASK_COLUMNS = ["task", "jobs", "mean", "code"];

const count = (doc: string, ...states: readonly JobState[]): Column<TaskSummary> => ({
  doc,
  right: true,
  value: ({ jobs }) => states.reduce((sum, state) => sum + jobs[state], 0),
});

const duration = (doc: string, key: "meanMs" | "totalMs"): Column<TaskSummary> => ({
  doc,
  right: true,
  value: (task) => task[key],
  text: (task) => (task[key] === null ? "" : formatDuration(task[key])),
});

/** What may be shown of the tasks that ran. Values are milliseconds. */
export const TASK_COLUMNS: Columns<TaskSummary> = {
  task: { doc: "its name", shrinks: true, value: ({ name }) => name },
  jobs: { doc: "what became of its jobs", value: ({ jobs }) => jobs, text: ({ jobs }) => countsText(jobs) },
  done: count("jobs that ran", "done"),
  cached: count("jobs whose results were there", "cached"),
  failed: count("jobs that failed", "failed"),
  mean: duration("how long a job takes", "meanMs"),
  total: duration("how long all of them took", "totalMs"),
  versions: { doc: "how many versions of its code ran", right: true, value: ({ versions }) => versions },
  code: {
    doc: "where its code stands",
    value: ({ file, line }) => (file === "" ? null : `${file}:${line}`),
    text: ({ file, line }, { paint }) => (file === "" ? "" : paint("dim", `${file}:${line}`)),
  },
  doc: { doc: "the first line of its comment", value: ({ doc }) => doc, text: ({ doc }) => doc.split("\n")[0]! },
};

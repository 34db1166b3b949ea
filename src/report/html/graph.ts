import { graphSvg } from "../../graph/index.ts";
import type { JobState } from "../../store/types.ts";
import type { Report } from "../report.ts";
import type { TaskJobs } from "../tasks.ts";
import { html, trusted } from "./html.ts";
import { type Column, duration, NOTHING, number, type Section, table } from "./parts.ts";

/** The section with the graph of the run, and its tasks one by one. None where it had no jobs. */
export function graphSection({ graph, tasks }: Report): Section | undefined {
  if (tasks.length === 0) return undefined;
  const seen = STATES.filter((state) => tasks.some(({ jobs }) => jobs[state] > 0));
  return {
    id: "graph",
    title: "Tasks",
    body: html`<div class="scroll graph" tabindex="0" role="region" aria-label="Graph of the tasks">
        ${trusted(readable(graphSvg(graph, { heading: false })))}
      </div>
      ${table("Tasks", tasks, [
        { title: "Task", head: true, cell: ({ task }) => task },
        { title: "Jobs", number: total, cell: (each) => number(total(each)) },
        ...seen.map((state): Column<TaskJobs> => ({
          title: state,
          number: ({ jobs }) => jobs[state],
          cell: ({ jobs }) => (jobs[state] === 0 ? NOTHING : number(jobs[state])),
        })),
        { title: "Ran, in all", number: ({ ranMs }) => ranMs, cell: ({ ranMs }) => duration(ranMs) },
      ])}`,
  };
}

/** A wide picture is made narrower, as long as its text can be read; then it scrolls. */
function readable(svg: string): string {
  return svg.replace(
    /^<svg [^>]*?\bwidth="(\d+)"/,
    (start, width) => `${start} style="min-width:${Math.round(0.7 * Number(width))}px"`,
  );
}

/** What needs attention first. */
const STATES: readonly JobState[] = ["failed", "running", "pending", "cancelled", "done", "cached"];

const total = ({ jobs }: TaskJobs): number => STATES.reduce((sum, state) => sum + jobs[state], 0);

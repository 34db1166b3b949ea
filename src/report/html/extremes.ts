import type { NotedJob } from "../extremes.ts";
import type { Report } from "../report.ts";
import { short } from "../../record/short.ts";
import { html, type Html } from "./html.ts";
import { bytes, type Column, duration, type Section, table } from "./parts.ts";

/** The section with the slowest and the largest jobs. */
export function extremesSection({ extremes: { slowest, mostMemory, mostWritten } }: Report): Section | undefined {
  if (slowest.length === 0) return undefined;
  return {
    id: "jobs",
    title: "Slowest and largest",
    body: [
      list("Slowest", slowest, WALL, [CPU, MEMORY]),
      list("Most memory", mostMemory, MEMORY, [WALL]),
      list("Most written", mostWritten, WRITTEN, [WALL]),
    ],
  };
}

const WALL: Column<NotedJob> = {
  title: "Wall",
  number: ({ wallMs }) => wallMs,
  cell: ({ wallMs }) => duration(wallMs),
};
const CPU: Column<NotedJob> = {
  title: "Processor",
  number: ({ cpuMs }) => cpuMs,
  cell: ({ cpuMs }) => duration(cpuMs),
};
const MEMORY: Column<NotedJob> = {
  title: "Peak memory",
  number: ({ peakMemory }) => peakMemory,
  cell: ({ peakMemory }) => bytes(peakMemory),
};
const WRITTEN: Column<NotedJob> = {
  title: "Written",
  number: ({ bytesOut }) => bytesOut,
  cell: ({ bytesOut }) => bytes(bytesOut),
};

function list(
  title: string,
  jobs: readonly NotedJob[],
  first: Column<NotedJob>,
  more: readonly Column<NotedJob>[],
): Html {
  if (jobs.length === 0) return html``;
  return html`<h3>${title}</h3>
    ${table(title, jobs, [
      { title: "Task", head: true, cell: ({ task }) => task },
      first,
      ...more,
      { title: "Arguments", cell: ({ args }) => html`<code class="args" title="${args}">${args}</code>` },
      { title: "Job", cell: ({ job }) => html`<code class="id">${short(job)}</code>` },
    ])}`;
}

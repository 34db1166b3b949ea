import type { Advice } from "../resources/advice.ts";
import type { TaskUsage } from "../resources/usage.ts";
import type { Report } from "../report.ts";
import { html, type Html } from "./html.ts";
import { bytes, duration, gauge, NOTHING, number, type Section, table } from "./parts.ts";

/** Above this part of what was asked for, memory is close to its end. */
const CLOSE = 0.9;

/** The section with what tasks asked for and used, and what would be better. */
export function resourcesSection({ resources: { tasks, advice } }: Report): Section {
  return {
    id: "resources",
    title: "Resources",
    body:
      tasks.length === 0
        ? html`<p class="quiet">Nothing ran outside of Ligase's own process, so nothing was measured.</p>`
        : html`${
              advice.length > 0 &&
              html`<ul class="advice">
                ${advice.map(line)}
              </ul>`
            }
            ${table("Resources by task", tasks, COLUMNS)}
            <p class="note">
              Used CPUs are the processor time by the time that went by. Memory is the largest resident set of a job;
              very short jobs are not measured.
            </p>`,
  };
}

function line({ kind, fact, option, remark }: Advice): Html {
  const word = kind === "risk" ? "asks for too little" : "asks for too much";
  return html`<li class="${kind}">
    <span class="kind">${word}</span> <span>${fact}: <code>${option}</code> ${remark}.</span>
  </li>`;
}

const COLUMNS: Parameters<typeof table<TaskUsage>>[2] = [
  { title: "Task", head: true, cell: ({ task }) => task },
  { title: "Jobs", number: ({ jobs }) => jobs, cell: ({ jobs }) => number(jobs) },
  {
    title: "CPUs asked",
    number: ({ cpuAsked }) => cpuAsked,
    cell: ({ cpuAsked }) => cpuAsked ?? NOTHING,
  },
  {
    title: "used",
    number: ({ cpuUsed }) => cpuUsed,
    cell: ({ cpuUsed, cpuEfficiency }) =>
      cpuUsed === null ? NOTHING : gauge(cpuEfficiency, cpuUsed.toFixed(cpuUsed < 10 ? 1 : 0)),
  },
  { title: "Memory asked", number: ({ memoryAsked }) => memoryAsked, cell: ({ memoryAsked }) => bytes(memoryAsked) },
  {
    title: "peak",
    number: ({ memoryPeak }) => memoryPeak,
    cell: ({ memoryPeak, memoryShare }) => gauge(memoryShare, bytes(memoryPeak), (memoryShare ?? 0) >= CLOSE),
  },
  {
    title: "Wall, median",
    number: ({ wallMs }) => wallMs?.median ?? null,
    cell: ({ wallMs }) => duration(wallMs?.median ?? null),
  },
  {
    title: "longest",
    number: ({ wallMs }) => wallMs?.most ?? null,
    cell: ({ wallMs }) => duration(wallMs?.most ?? null),
  },
  { title: "Read", number: ({ bytesIn }) => bytesIn, cell: ({ bytesIn }) => bytes(bytesIn) },
  { title: "Written", number: ({ bytesOut }) => bytesOut, cell: ({ bytesOut }) => bytes(bytesOut) },
  { title: "Attempts", number: ({ attempts }) => attempts, cell: attemptsText },
];

function attemptsText({ attempts, outcomes }: TaskUsage): Html {
  const failed = Object.entries(outcomes).filter(([outcome]) => outcome !== "done" && outcome !== "running");
  if (failed.length === 0) return html`${number(attempts)}`;
  const how = failed.map(([outcome, times]) => `${times} ${outcome}`).join(", ");
  return html`${number(attempts)}
    <small title="${how}">${number(failed.reduce((sum, [, times]) => sum + times, 0))} failed</small>`;
}

import type { Change, PlanView } from "../../remote/index.ts";
import { count } from "../terminal/count.ts";
import type { Paint, Style } from "../terminal/terminal.ts";
import { columnsOf } from "../terminal/text.ts";

const MARKS: Readonly<Record<Change["kind"], readonly [mark: string, style: Style]>> = {
  add: ["+", "good"],
  change: ["~", "warn"],
  remove: ["-", "bad"],
  same: [" ", "dim"],
};

/** What a deployment would change, as a plan: `+ fold`, `~ maxWorkers 3 → 5`, `- old`. */
export function planLines({ app, live, changes, problems }: PlanView, paint: Paint): string[] {
  const from = live === null ? "nothing of it is live" : `version ${live} is live`;
  const width = Math.max(0, ...changes.flatMap(({ fields }) => fields.map(({ field }) => columnsOf(field))));
  return [
    `${paint("strong", app)} ${paint("dim", `(${from})`)}`,
    ...changes.flatMap(({ endpoint, kind, fields }) => {
      const [mark, style] = MARKS[kind];
      return [
        `  ${paint(style, `${mark} ${endpoint}`)}${kind === "same" ? paint("dim", " stays as it is") : ""}`,
        ...fields.map(({ field, before, after }) => {
          const was = before === "" ? "" : `${before} ${paint("dim", "→")} `;
          return `      ${paint("dim", field.padEnd(width))}  ${was}${after}`;
        }),
      ];
    }),
    ...problems.map((problem) => `  ${paint("bad", "!")} ${problem}`),
  ];
}

/** In one line: `1 to add, 2 to change, 1 to remove`. */
export function planSum({ changes }: PlanView): string {
  const of = (kind: Change["kind"]): number => changes.filter((change) => change.kind === kind).length;
  return [
    of("add") > 0 && `${of("add")} to add`,
    of("change") > 0 && `${of("change")} to change`,
    of("remove") > 0 && `${of("remove")} to remove`,
    of("same") > 0 && `${count(of("same"), "endpoint")} as before`,
  ]
    .filter(Boolean)
    .join(", ");
}

import { dirname, join, resolve } from "node:path";
import { jsonSchema } from "../../code/parameters/index.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { findProject } from "../../project/project.ts";
import { parametersOf } from "../run/parameters.ts";
import { loadWorkflow } from "../run/load-workflow.ts";
import { signature } from "../reports/signature.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { shorten } from "../terminal/text.ts";
import { defineCommand } from "./command.ts";

/** `ligase tasks` */
export const tasks = defineCommand(
  {
    usage: "tasks <file>",
    about: [
      "Lists the tasks of a workflow file and of what it imports: parameters, the first line of the doc comment, and where each stands. Those that the file exports can be run by name.",
      "With --json each has the JSON Schema (2020-12) of its input.",
    ],
    examples: ["ligase tasks workflow.ts", "ligase tasks workflow.ts --json"],
    options: { json: { type: "boolean", doc: "print JSON" } },
  },
  { least: 1, most: 1 },
  async ({ options, words }, terminal) => {
    const file = words[0]!;
    const root = findProject(dirname(resolve(file)));
    const program = await loadWorkflow(file, root, join(root, ".ligase", "code"));
    const all = [...program.tasks.values()].filter((task) => !task.lifted && task.definition);
    // Those that can be run first.
    const inOrder = all.toSorted((a, b) => Number(b.definition!.exported) - Number(a.definition!.exported));
    if (options.json) terminal.out(JSON.stringify(inOrder.map(described)));
    else if (inOrder.length === 0) terminal.note(`${file} has no tasks`);
    else for (const task of inOrder) for (const line of taskLines(task, terminal)) terminal.out(line);
    return 0;
  },
);

/** A task as JSON. */
function described(task: TaskImpl): object {
  const { file, line, doc, exported } = task.definition!;
  return { name: task.name, file, line, doc, exported, input: jsonSchema(parametersOf(task)) };
}

function taskLines(task: TaskImpl, { styleOut: paint, widthOut }: Terminal): string[] {
  const { file, line, doc, exported } = task.definition!;
  const place = paint("dim", `${file}:${line}${exported ? "" : ", not exported"}`);
  const name = paint(exported ? "strong" : "dim", task.name);
  const lines = [
    `${name}${shorten(signature(parametersOf(task)), Math.max(20, widthOut - task.name.length))}  ${place}`,
  ];
  if (doc !== "") lines.push(`    ${shorten(doc.split("\n")[0]!, Math.max(20, widthOut - 4))}`);
  return lines;
}

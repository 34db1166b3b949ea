import { dirname, join, resolve } from "node:path";
import { jsonSchema } from "../../code/parameters/index.ts";
import { titleOf } from "../../images/build/title.ts";
import { Image } from "../../images/image.ts";
import type { TaskImpl } from "../../expr/task-impl.ts";
import { findProject } from "../../project/project.ts";
import { loadWorkflow } from "../run/load-workflow.ts";
import { parametersOf } from "../run/parameters.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { shorten } from "../terminal/text.ts";
import { signature } from "./signature.ts";

/**
 * The tasks of a workflow file and of what it imports, those first that can be run by name.
 *
 * @throws LigaseError what `loadWorkflow` raises
 */
export async function tasksIn(file: string): Promise<readonly TaskImpl[]> {
  const root = findProject(dirname(resolve(file)));
  const program = await loadWorkflow(file, root, join(root, ".ligase", "code"));
  const all = [...program.tasks.values()].filter((task) => !task.lifted && task.definition);
  return all.toSorted((a, b) => Number(b.definition!.exported) - Number(a.definition!.exported));
}

/** A task as JSON, with the schema of its input. */
export function describeTask(task: TaskImpl): object {
  const { file, line, doc, exported } = task.definition!;
  const { image, volumes = {}, secrets = [], network = false } = task.options;
  const around = {
    image: image instanceof Image ? { title: titleOf(image.settled()), identity: image.identity } : null,
    volumes: Object.entries(volumes).map(([at, { volume, readOnly }]) => ({ at, volume, readOnly })),
    secrets,
    network,
  };
  return { name: task.name, file, line, doc, exported, input: jsonSchema(parametersOf(task)), ...around };
}

/** A task as people call it, its comment below. */
export function taskLines(task: TaskImpl, { styleOut: paint, widthOut }: Terminal): string[] {
  const { file, line, doc, exported } = task.definition!;
  const place = paint("dim", `${file}:${line}${exported ? "" : ", not exported"}`);
  const name = paint(exported ? "strong" : "dim", task.name);
  const lines = [
    `${name}${shorten(signature(parametersOf(task)), Math.max(20, widthOut - task.name.length))}  ${place}`,
  ];
  if (doc !== "") lines.push(`    ${shorten(doc.split("\n")[0]!, Math.max(20, widthOut - 4))}`);
  const around = aroundText(task);
  if (around !== "") lines.push(paint("dim", `    ${shorten(around, Math.max(20, widthOut - 4))}`));
  return lines;
}

/** What its jobs find around them: `image debian 12, apt bwa; volume seq at ./seq; secret NCBI_KEY`. */
function aroundText({ options: { image, volumes = {}, secrets = [], network } }: TaskImpl): string {
  const parts = [
    ...(image instanceof Image ? [`image ${titleOf(image.settled())}`] : []),
    ...Object.entries(volumes).map(
      ([at, { volume, readOnly }]) => `volume ${volume} at ${at}${readOnly ? ", read-only" : ""}`,
    ),
    ...secrets.map((name) => `secret ${name}`),
    ...(network ? ["network"] : []),
  ];
  return parts.join("; ");
}

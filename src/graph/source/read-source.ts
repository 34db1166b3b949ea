import { join } from "node:path";
import { analyse } from "../../code/analyse.ts";
import { projectPath } from "../../code/modules/root.ts";
import { definePythonTasks, PythonCode } from "../../code/python/index.ts";
import { shapeOfProgram } from "../../code/shape/shape.ts";
import type { BodyShape, ShapeCall } from "../../code/shape/types.ts";
import type { PythonFunction, TaskDefinition } from "../../expr/definition.ts";
import { assemble, type PartFlow, type Shown } from "../assemble.ts";
import type { Graph, GraphNode, Repeat } from "../model.ts";
import type { Call } from "../nest.ts";

/** A task that a workflow file can run. */
export type Runnable = Pick<TaskDefinition, "name" | "exported">;

/** The source of a workflow file, read. Nothing of it has run. */
export interface Workflow {
  readonly tasks: readonly Runnable[];
  /** The graph of what these tasks call, and so on down. */
  graph(roots: readonly string[], shown?: Shown): Graph;
}

/**
 * Reads what a workflow file says of its graph: which task calls which, for each item of a list (`×N`) or in some case
 * only (`?`), and which results flow into which parameters. What only a run can know, such as a task that is passed as
 * an argument, is a node of its own with the words of the source.
 *
 * @param entry - absolute and real, as is the project's folder
 * @throws LigaseError for what is wrong with the code
 */
export function readWorkflow(entry: string, root: string): Workflow {
  const { file, definitions, shapeOf } = entry.endsWith(".py") ? pythonSource(entry, root) : source(entry, root);
  const parameterOf = (task: string, argument: number): string => {
    const parameters = definitions.get(task)?.parameters ?? [];
    return (parameters[argument] ?? parameters.findLast(({ rest }) => rest))?.name ?? "";
  };

  const graph = (roots: readonly string[], shown: Shown = {}): Graph => {
    const nodes = new Map<string, GraphNode>(roots.map((name) => [name, { id: name, kind: "task", label: name }]));
    const sites = new Map<string, ShapeCall[]>();
    const calls: Call[] = roots.map((task) => ({ parent: null, task }));
    const flows: PartFlow[] = [];
    for (const { id: parent, kind } of nodes.values()) {
      const shape = kind === "task" ? shapeOf(parent) : undefined;
      if (!shape) continue;
      // What only a run knows is another thing in each body.
      const known = new Map(shape.calls.map(({ callee, known: is }) => [callee, is ? callee : `${parent}: ${callee}`]));
      for (const call of shape.calls) {
        const id = known.get(call.callee)!;
        if (!nodes.has(id)) nodes.set(id, { id, kind: call.known ? "task" : "unknown", label: call.callee });
        calls.push({ parent, task: id });
        sites.set(id, [...(sites.get(id) ?? []), call]);
      }
      for (const { from, to, argument, part } of shape.flows) {
        flows.push({ from: known.get(from)!, to: known.get(to)!, part, parameter: parameterOf(to, argument) });
      }
    }
    const title = roots.length === 1 ? roots[0]! : file;
    return assemble(
      {
        title,
        detail: `${roots.length === 1 ? `${file}, ` : ""}as far as its source says`,
        nodes: Array.from(nodes.values(), (node) => {
          const repeat = repeatOf(sites.get(node.id) ?? []);
          return repeat.length > 0 ? { ...node, repeat } : node;
        }),
        calls,
        flows,
      },
      shown,
    );
  };
  return { tasks: [...definitions.values()], graph };
}

/** What a graph is made of. */
interface Source {
  /** Relative to the project. */
  readonly file: string;
  readonly definitions: ReadonlyMap<string, TaskDefinition>;
  readonly shapeOf: (task: string) => BodyShape | undefined;
}

function source(entry: string, root: string): Source {
  const analysis = analyse(entry, root);
  const shapeOf = shapeOfProgram(analysis);
  const definitions = new Map(
    analysis.tasks.flatMap((task, i) => (task.kind === "task" ? [[task.name, analysis.definitions[i]!]] : [])),
  );
  return {
    file: analysis.graph.entry.id,
    definitions,
    shapeOf(task) {
      const { python } = definitions.get(task) ?? {};
      return python && analysis.python ? pythonShape(analysis.python.code, root, python) : shapeOf(task);
    },
  };
}

function pythonSource(entry: string, root: string): Source {
  const code = new PythonCode(root);
  const defined = definePythonTasks(code, entry);
  const definitions = new Map(defined.map((definition) => [definition.name, definition]));
  return {
    file: projectPath(root, entry),
    definitions,
    shapeOf(task) {
      const { python } = definitions.get(task) ?? {};
      return python && pythonShape(code, root, python);
    },
  };
}

/** What a function in Python calls; what flows from call to call its source does not say plainly enough. */
function pythonShape(code: PythonCode, root: string, { module, function: fn }: PythonFunction): BodyShape {
  const calls = code.callsOf(join(root, module), fn);
  return { calls: calls.map(({ task, each }) => ({ callee: task, known: true, each, maybe: false })), flows: [] };
}

function repeatOf(sites: readonly ShapeCall[]): Repeat[] {
  const repeat: Repeat[] = [];
  if (sites.some(({ each }) => each)) repeat.push("each");
  if (sites.length > 0 && sites.every(({ maybe }) => maybe)) repeat.push("maybe");
  return repeat;
}

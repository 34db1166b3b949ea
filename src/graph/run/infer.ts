import type { Analysis } from "../../code/analyse.ts";
import type { BodyShape } from "../../code/shape/types.ts";
import type { RunRow, Store } from "../../store/types.ts";

/**
 * What the code that a run worked on says of the bodies of its tasks, from the texts that were recorded with it. Knows
 * nothing where these were not recorded, or cannot be read.
 */
export async function recordedShapes(store: Store, run: RunRow): Promise<(task: string) => BodyShape | undefined> {
  const program = run.program === null ? undefined : await store.getProgram(run.program);
  const values = await store.findValues(program?.modules.map(({ hash }) => hash) ?? []);
  const texts = new Map<string, string>();
  for (const { path, hash } of program?.modules ?? []) {
    const text: unknown = JSON.parse(values.get(hash) ?? "null");
    if (typeof text === "string" && /\.[cm]?[jt]sx?$/.test(path)) texts.set(path, text);
  }
  if (!program || texts.size === 0) return () => undefined;
  try {
    const [{ recordedGraph }, { findTasks }, { shapeOfProgram }] = await Promise.all([
      import("../../code/modules/recorded.ts"),
      import("../../code/tasks/find.ts"),
      import("../../code/shape/shape.ts"),
    ]);
    const graph = recordedGraph(texts, program.entry);
    const analysis: Pick<Analysis, "graph" | "tasks"> | undefined = graph && { graph, tasks: findTasks(graph) };
    return analysis ? shapeOfProgram(analysis) : () => undefined;
  } catch {
    return () => undefined; // code of a version of Ligase that read another syntax
  }
}

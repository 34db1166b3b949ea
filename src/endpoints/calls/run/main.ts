/**
 * The process of a run that was handed in to the server as an expression. It needs nobody: a server that ends leaves it as
 * it is, and what became of it stands in the store.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { decodeExpression } from "../../../expr/index.ts";
import { errorFacts } from "../../../kernel/index.ts";
import { openEngine, openProject, type Project } from "../../../project/index.ts";
import { driverLog } from "../driver/log.ts";
import { loadDeployed } from "../driver/load.ts";
import { RUN_SETTINGS, type RunSettings } from "./settings.ts";

const settings = JSON.parse(process.env[RUN_SETTINGS] ?? "{}") as RunSettings;
delete process.env[RUN_SETTINGS];

let begun = false;
try {
  // A body within this process cannot be ended: what it goes on with must not keep the process.
  process.exit(await run(settings));
} catch (error) {
  if (!begun) writeFileSync(settings.refusal, JSON.stringify(errorFacts(error)));
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

async function run({ codeDir, entry, storeDir, ...told }: RunSettings): Promise<number> {
  const server = await openProject(told.project, { store: storeDir });
  try {
    const program = await loadDeployed({ codeDir, entry }, storeDir);
    const project: Project = { ...server, root: codeDir };
    const { engine, codec, close } = await openEngine(project, program, { log: driverLog });
    try {
      const text = readFileSync(told.expression, "utf8");
      const value = decodeExpression(text, codec, (name) => program.tasks.get(name));
      const { id, name, tags, noCache, failFast } = told;
      const { keepWork, retries } = project.settings;
      const started = engine.start(value, { id, task: name, tags }, { noCache, failFast, keepWork, retries });
      begun = true;
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => started.cancel());
      return await started.result.then(
        () => 0,
        () => 1,
      );
    } finally {
      await close();
    }
  } finally {
    await server.close();
  }
}

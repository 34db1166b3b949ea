import { namedParameters } from "../../record/index.ts";
import type { ErrorFacts, Hash } from "../../kernel/index.ts";
import type { ImageRow, ProgramRow, RunRow, Store, TaskRow } from "../../store/types.ts";
import type { CrateData } from "./data.ts";
import { type Entity, type EntityValue, type Graph, isoTime, localId, type Ref, ref } from "./entity.ts";
import { CrateEnvironments } from "./environments.ts";
import type { Execution } from "./executions.ts";
import { ROOT } from "./profile.ts";
import { filesIn, isFiles, type Part, partsOf, plainText, typesOf } from "./values.ts";

/** Units as QUDT names them. */
const UNITS = { bytes: "https://qudt.org/vocab/unit/BYTE", milliseconds: "https://qudt.org/vocab/unit/MilliSEC" };

/** What a description is made of. */
export interface RunFacts {
  readonly store: Store;
  readonly run: RunRow;
  readonly program: ProgramRow;
  readonly tasks: ReadonlyMap<Hash, TaskRow>;
  readonly executions: readonly Execution[];
  /** The environments that are recorded, the newest first. */
  readonly images: readonly ImageRow[];
  /** Executions of one task, beyond which no more of it are described. */
  readonly most: number;
}

/** Writes the provenance of a run into the graph of a crate: tools, steps, actions, parameters and their values. */
export class RunDescription {
  readonly #graph: Graph;
  readonly #data: CrateData;
  readonly #environments: CrateEnvironments;
  readonly #facts: RunFacts;
  readonly #workflow: Ref;
  readonly #agent: Ref;
  /** The execution that the workflow as a whole stands for. */
  readonly #main: Execution | undefined;
  readonly #described = new Map<string, number>();
  readonly #controls: Ref[] = [];
  #steps = 0;
  /** Executions that were left out, by task. */
  readonly left = new Map<string, number>();

  constructor(graph: Graph, data: CrateData, workflow: Ref, facts: RunFacts) {
    this.#graph = graph;
    this.#data = data;
    this.#facts = facts;
    this.#environments = new CrateEnvironments(graph, facts.images);
    this.#workflow = workflow;
    const { user } = facts.run;
    this.#agent = graph.add({ "@id": localId("person", user), "@type": "Person", name: user });
    const roots = facts.executions.filter((each) => !each.parent);
    const [only] = roots;
    // A task that calls no other is a step by itself: a workflow has at least one.
    const calls = facts.executions.some((each) => each.parent === only);
    this.#main = roots.length === 1 && calls ? only : undefined;
  }

  /** Describes everything. */
  async write(): Promise<void> {
    await this.#run();
    for (const execution of this.#facts.executions) if (execution !== this.#main) await this.#execution(execution);
    this.#engine();
  }

  async #run(): Promise<void> {
    const { run } = this.#facts;
    const action = this.#graph.add({
      "@id": localId("run", run.id),
      "@type": "CreateAction",
      name: `Run of ${run.task}`,
      description: run.argv.join(" "),
      ...timesOf(run.startedAt, run.endedAt),
      ...(await this.#statusOf(run.state === "done", run.errorValue)),
      instrument: this.#workflow,
      agent: this.#agent,
    });
    this.#graph.link(ROOT, "mentions", action);
    const main = this.#main;
    const task = main && this.#facts.tasks.get(main.job.taskHash);
    await this.#arguments(action, this.#workflow, run.id, task, run.argsValue);
    await this.#results(action, this.#workflow, run.id, run.resultValue);
  }

  async #execution(execution: Execution): Promise<void> {
    const { job } = execution;
    const before = this.#described.get(job.task) ?? 0;
    if (before >= this.#facts.most) {
      this.left.set(job.task, (this.left.get(job.task) ?? 0) + 1);
      return;
    }
    this.#described.set(job.task, before + 1);
    const task = this.#facts.tasks.get(job.taskHash);
    const tool = this.#tool(execution, task);
    const args = await this.#json(job.argsValue);
    const action = this.#graph.add({
      "@id": localId("job", job.id),
      "@type": "CreateAction",
      name: job.task,
      description: `${job.task}${plainText(args).replace(/^\[|\]$/g, (bracket) => (bracket === "[" ? "(" : ")"))}`,
      ...timesOf(execution.startedAt, execution.endedAt),
      ...(await this.#statusOf(job.state !== "failed", job.errorValue)),
      instrument: tool,
      agent: this.#agent,
    });
    this.#graph.link(ROOT, "mentions", action);
    await this.#arguments(action, tool, job.id, task, job.argsValue);
    await this.#results(action, tool, job.id, execution.call?.resultValue ?? null);
    this.#resources(action, execution);
    this.#software(tool, execution);
    this.#environments.write(action, tool, execution);
    this.#step(execution, tool, action);
  }

  /** The tool that a task is; one whose body calls others is a workflow in the workflow. */
  #tool({ job }: Execution, task: TaskRow | undefined): Ref {
    const id = toolId(job.task);
    if (this.#graph.has(id)) return ref(id);
    const file = task?.file;
    return this.#graph.add({
      "@id": id,
      "@type": "SoftwareApplication",
      name: job.task,
      ...(task && task.doc !== "" && { description: task.doc }),
      softwareVersion: job.taskHash.slice(0, 12),
      ...(file && this.#graph.has(encodeURI(`code/${file}`)) && { isBasedOn: ref(encodeURI(`code/${file}`)) }),
    });
  }

  /** The workflow that an execution is a step of: that of the task that called it. */
  #container({ parent }: Execution): Ref {
    if (!parent || parent === this.#main) return this.#workflow;
    const id = toolId(parent.job.task);
    if (!this.#graph.has(id)) return this.#workflow;
    this.#graph.set(ref(id), "@type", ["SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]);
    // Software that is code has a version, and no version of software.
    this.#graph.set(ref(id), "version", parent.job.taskHash.slice(0, 12));
    this.#graph.unset(ref(id), "softwareVersion");
    return ref(id);
  }

  #step(execution: Execution, tool: Ref, action: Ref): void {
    const workflow = this.#container(execution);
    this.#graph.link(workflow, "hasPart", tool);
    const caller = execution.parent && execution.parent !== this.#main ? execution.parent.job.task : "";
    const id = localId("step", ...(caller === "" ? [] : [caller]), execution.job.task);
    // Jobs come in the order in which they could begin, and so do their steps.
    const position = this.#graph.has(id) ? 0 : ++this.#steps;
    const step = this.#graph.add({
      "@id": id,
      "@type": "HowToStep",
      name: execution.job.task,
      position: String(position),
      workExample: tool,
    });
    this.#graph.link(workflow, "step", step);
    const control = this.#graph.add({
      "@id": localId("control", execution.job.id),
      "@type": "ControlAction",
      name: `Orchestrate ${execution.job.task}`,
      instrument: step,
      object: action,
    });
    this.#controls.push(control);
  }

  #engine(): void {
    const { run } = this.#facts;
    const node = this.#graph.add({
      "@id": localId("software", "node", run.nodeVersion),
      "@type": "SoftwareApplication",
      name: "Node.js",
      softwareVersion: run.nodeVersion,
      url: "https://nodejs.org/",
    });
    const engine = this.#graph.add({
      "@id": localId("software", "ligase", run.ligaseVersion),
      "@type": "SoftwareApplication",
      name: "Ligase",
      softwareVersion: run.ligaseVersion,
      softwareRequirements: node,
    });
    if (this.#controls.length === 0) return;
    this.#graph.add({
      "@id": localId("engine", run.id),
      "@type": "OrganizeAction",
      name: `Run of Ligase ${run.ligaseVersion}`,
      ...timesOf(run.startedAt, run.endedAt),
      agent: this.#agent,
      instrument: engine,
      object: this.#controls,
      result: ref(localId("run", run.id)),
    });
  }

  async #arguments(action: Ref, tool: Ref, id: string, task: TaskRow | undefined, value: Hash | null): Promise<void> {
    const args = await this.#json(value);
    if (!Array.isArray(args)) return;
    const names = await namedParameters(task?.code ?? "");
    args.forEach((json: unknown, i) => {
      const parameter = names[i];
      const name = parameter?.name ?? "";
      const part: Part = { name: name === "" ? `argument${i + 1}` : name, json };
      this.#part(action, "object", tool, "input", id, part, { defaultValue: parameter?.initial });
    });
  }

  async #results(action: Ref, tool: Ref, id: string, value: Hash | null): Promise<void> {
    const result = await this.#json(value);
    if (result === undefined || result === null) return;
    for (const part of partsOf(result)) this.#part(action, "result", tool, "output", id, part, {});
  }

  /** An argument, or a field of a result: its formal parameter, and what stands for it. */
  #part(
    action: Ref,
    role: "object" | "result",
    tool: Ref,
    side: "input" | "output",
    id: string,
    { name, json }: Part,
    facts: Readonly<Record<string, string | undefined>>,
  ): void {
    const parameter = this.#graph.add({
      "@id": localId("parameter", tool["@id"].replace(/^#/, ""), side, name),
      "@type": "FormalParameter",
      name,
      additionalType: typesOf(json),
      ...(facts["defaultValue"] !== undefined && { defaultValue: facts["defaultValue"] }),
    });
    this.#graph.link(tool, side, parameter);
    for (const file of filesIn(json)) {
      const entity = this.#data.entity(file);
      if (!entity) continue;
      this.#graph.link(action, role, entity);
      if (isFiles(json)) this.#graph.link(entity, "exampleOfWork", parameter);
    }
    if (isFiles(json)) return;
    const value = this.#graph.add({
      "@id": localId("value", id, side, name),
      "@type": "PropertyValue",
      name,
      value: plainText(json),
      exampleOfWork: parameter,
    });
    this.#graph.link(action, role, value);
  }

  #resources(action: Ref, { job, attempts }: Execution): void {
    const last = attempts.findLast((attempt) => attempt.outcome === "done");
    if (!last) return;
    const use = (name: string, value: number | null, unitCode: string): void => {
      if (value === null) return;
      const usage = this.#graph.add({
        "@id": localId("usage", job.id, name),
        "@type": "PropertyValue",
        name,
        propertyID: `urn:ligase:${name}`,
        unitCode,
        value: String(value),
      });
      this.#graph.link(action, "resourceUsage", usage);
    };
    use("wallTime", last.wallMs, UNITS.milliseconds);
    use("cpuTime", last.cpuMs, UNITS.milliseconds);
    use("peakMemory", last.peakMemory, UNITS.bytes);
  }

  /** The versions of the tools that its scripts called. */
  #software(tool: Ref, { attempts }: Execution): void {
    for (const { tools } of attempts) {
      for (const [name, version] of Object.entries(tools ?? {})) {
        const software = this.#graph.add({
          "@id": localId("software", name, version),
          "@type": "SoftwareApplication",
          name,
          softwareVersion: version,
        });
        this.#graph.link(tool, "softwareRequirements", software);
      }
    }
  }

  async #statusOf(succeeded: boolean, errorValue: Hash | null): Promise<Readonly<Record<string, EntityValue>>> {
    if (succeeded) return { actionStatus: "http://schema.org/CompletedActionStatus" };
    const error = (await this.#json(errorValue)) as { v?: ErrorFacts } | undefined;
    return { actionStatus: "http://schema.org/FailedActionStatus", ...(error?.v && { error: error.v.message }) };
  }

  async #json(value: Hash | null): Promise<unknown> {
    if (value === null) return undefined;
    const text = (await this.#facts.store.findValues([value])).get(value);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

const toolId = (task: string): string => localId("task", task);

function timesOf(startedAt: number | null, endedAt: number | null): Pick<Entity, string> {
  return {
    ...(startedAt !== null && { startTime: isoTime(startedAt) }),
    ...(endedAt !== null && { endTime: isoTime(endedAt) }),
  };
}

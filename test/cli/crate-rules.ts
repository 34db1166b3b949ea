/**
 * What the profiles demand of a crate, each rule with the words of the specification that it comes from: RO-Crate 1.1,
 * Workflow RO-Crate 1.0, Process, Workflow and Provenance Run Crate 0.5. Their validator is a Python package that asks a
 * web server for the JSON-LD contexts; these are its rules of the severity MUST.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** An entity of a crate. */
export type Entity = Readonly<Record<string, unknown>> & { readonly "@id": string; readonly "@type": unknown };

/** A crate, read. */
export class CrateGraph {
  readonly entities: readonly Entity[];
  readonly #byId: ReadonlyMap<string, Entity>;

  constructor(json: { readonly "@graph": readonly Entity[] }) {
    this.entities = json["@graph"];
    this.#byId = new Map(this.entities.map((entity) => [entity["@id"], entity]));
  }

  get(id: string): Entity | undefined {
    return this.#byId.get(id);
  }

  ofType(...types: readonly string[]): readonly Entity[] {
    return this.entities.filter((entity) => types.some((type) => isA(entity, type)));
  }

  /** What a property of an entity refers to; nothing in place of what is not there. */
  refs(entity: Entity, property: string): readonly (Entity | undefined)[] {
    return idsOf(entity[property]).map((id) => this.#byId.get(id));
  }

  /** The entities that refer to one by a property. */
  referring(property: string, id: string): readonly Entity[] {
    return this.entities.filter((entity) => idsOf(entity[property]).includes(id));
  }
}

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

export function isA(entity: Entity | undefined, ...types: readonly string[]): boolean {
  return listOf(entity?.["@type"]).some((type) => types.includes(String(type)));
}

export function idsOf(value: unknown): readonly string[] {
  return listOf(value).flatMap((each) =>
    typeof each === "object" && each !== null && "@id" in each ? [String(each["@id"])] : [],
  );
}

const TOOLS = ["SoftwareApplication", "SoftwareSourceCode", "ComputationalWorkflow"];
const ACTIONS = ["CreateAction", "ActivateAction", "UpdateAction"];

/** Everything in a crate that breaks a rule. */
export function violations(folder: string): readonly string[] {
  const json = JSON.parse(readFileSync(join(folder, "ro-crate-metadata.json"), "utf8"));
  return violationsOf(json, folder);
}

/** The same of metadata that are changed for a test. */
export function violationsOf(
  json: { readonly "@graph": readonly Entity[]; readonly "@context"?: unknown },
  folder: string,
): readonly string[] {
  const graph = new CrateGraph(json);
  const found: string[] = [];
  const must = (holds: boolean, rule: string, about = ""): void => {
    if (!holds) found.push(about === "" ? rule : `${rule}: ${about}`);
  };
  /** At least so many references, all to entities of these types. */
  const refers = (entity: Entity, property: string, types: readonly string[], least: number, rule: string): void => {
    const refs = graph.refs(entity, property);
    must(refs.length >= least && refs.every((each) => isA(each, ...types)), rule, entity["@id"]);
  };

  // RO-Crate 1.1
  must(listOf(json["@context"])[0] === "https://w3id.org/ro/crate/1.1/context", "the context is that of RO-Crate 1.1");
  const ids = graph.entities.map((entity) => entity["@id"]);
  must(new Set(ids).size === ids.length, "each entity is described once");
  const descriptor = graph.get("ro-crate-metadata.json");
  must(isA(descriptor, "CreativeWork") && idsOf(descriptor?.["about"])[0] === "./", "the descriptor is about the root");
  must(
    idsOf(descriptor?.["conformsTo"]).includes("https://w3id.org/ro/crate/1.1"),
    "the descriptor conforms to RO-Crate",
  );
  const root = graph.get("./")!;
  must(isA(root, "Dataset"), "the root is a Dataset");
  for (const property of ["name", "description", "license", "datePublished"]) {
    must(root[property] !== undefined, `the root has a ${property}`);
  }
  must(!Number.isNaN(Date.parse(String(root["datePublished"]))), "the date is one of ISO 8601");
  refers(root, "hasPart", ["File", "Dataset"], 1, "the root has data entities as parts");
  const parts = new Set(idsOf(root["hasPart"]));
  for (const entity of graph.ofType("Dataset")) for (const id of idsOf(entity["hasPart"])) parts.add(id);
  for (const entity of graph.ofType("File", "Dataset")) {
    const id = entity["@id"];
    if (id === "./" || /^https?:/.test(id)) continue;
    must(parts.has(id), "a data entity is linked from the root", id);
    const path = join(folder, decodeURIComponent(id));
    must(existsSync(path), "a data entity is in the crate", id);
    if (!existsSync(path) || !statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    if (entity["sha256"] !== undefined) {
      must(createHash("sha256").update(bytes).digest("hex") === entity["sha256"], "a checksum is right", id);
      must(String(bytes.length) === entity["contentSize"], "a size is right", id);
    }
  }
  for (const entity of graph.entities) {
    for (const [property, value] of Object.entries(entity)) {
      for (const id of idsOf(value)) {
        must(graph.get(id) !== undefined || /^https?:/.test(id), `what ${property} refers to is described`, id);
      }
    }
  }

  // Workflow RO-Crate 1.0
  const [workflow] = graph.refs(root, "mainEntity");
  must(
    ["File", "SoftwareSourceCode", "ComputationalWorkflow"].every((type) => isA(workflow, type)),
    "the main entity is a workflow file",
  );
  if (workflow) refers(workflow, "programmingLanguage", ["ComputerLanguage"], 1, "the workflow names its language");

  // Process, Workflow and Provenance Run Crate 0.5
  for (const profile of ["process", "workflow", "provenance"]) {
    const id = idsOf(root["conformsTo"]).find((each) => each.startsWith(`https://w3id.org/ro/wfrun/${profile}/`));
    must(id !== undefined && isA(graph.get(id), "CreativeWork"), `the root conforms to the profile ${profile}`);
  }
  for (const action of graph.ofType(...ACTIONS)) refers(action, "instrument", TOOLS, 1, "an action has an instrument");
  must(
    graph.referring("instrument", workflow?.["@id"] ?? "").some((action) => isA(action, ...ACTIONS)),
    "an action has the main workflow as its instrument",
  );
  for (const parameter of graph.ofType("FormalParameter")) {
    must(parameter["additionalType"] !== undefined, "a parameter has an additional type", parameter["@id"]);
    const realised = graph.refs(parameter, "workExample");
    must(
      realised.every((each) => isA(each, "File", "Dataset", "Collection", "PropertyValue")),
      "a work example is data",
    );
  }
  for (const each of graph.ofType("ComputationalWorkflow")) {
    refers(each, "hasPart", TOOLS, 1, "a workflow refers to the tools that it orchestrates");
    for (const side of ["input", "output"]) refers(each, side, ["FormalParameter"], 0, `an ${side} is a parameter`);
    if (each["step"] !== undefined) must(isA(each, "HowTo"), "a workflow with steps is a HowTo", each["@id"]);
    for (const tool of graph.refs(each, "hasPart")) {
      if (!tool) continue;
      const actions = graph.referring("instrument", tool["@id"]).filter((action) => isA(action, ...ACTIONS));
      must(actions.length > 0, "a tool is the instrument of an action", tool["@id"]);
      for (const side of ["input", "output"]) refers(tool, side, ["FormalParameter"], 0, `an ${side} is a parameter`);
    }
  }
  for (const step of graph.ofType("HowToStep")) {
    must(
      graph.referring("step", step["@id"]).some((each) => isA(each, "ComputationalWorkflow")),
      "a step is of a workflow",
      step["@id"],
    );
    refers(step, "workExample", TOOLS, 1, "a step refers to its tool");
    must(
      step["position"] === undefined || /^"?\d+"?$/.test(JSON.stringify(step["position"])),
      "a position is a number",
      step["@id"],
    );
  }
  for (const action of graph.ofType("ControlAction")) {
    refers(action, "instrument", ["HowToStep"], 1, "a control action refers to its step");
    refers(action, "object", ACTIONS, 1, "a control action refers to what it started");
  }
  for (const image of graph.ofType("ContainerImage")) {
    const id = image["@id"];
    must(typeof image["name"] === "string" && image["name"] !== "", "a container image has a name", id);
    must(idsOf(image["additionalType"]).length === 1, "a container image says of which kind it is", id);
    const sha256 = image["sha256"];
    must(
      sha256 === undefined || (typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256)),
      "the checksum of an image is a SHA-256",
      id,
    );
    const isDocker = idsOf(image["additionalType"])[0] === "https://w3id.org/ro/terms/workflow-run#DockerImage";
    const made = image["sha256"] !== undefined && image["description"] !== undefined;
    must(!isDocker || made || typeof image["registry"] === "string", "an image of a registry names it", id);
    must(
      graph.referring("containerImage", id).length + graph.referring("isBasedOn", id).length > 0,
      "an image is used",
      id,
    );
  }
  for (const action of graph.ofType("OrganizeAction")) {
    refers(action, "instrument", TOOLS, 1, "the engine is named");
    refers(action, "result", ACTIONS, 1, "the engine's action refers to the run");
    refers(action, "object", ["ControlAction"], 1, "the engine's action refers to the steps");
  }
  for (const action of graph.ofType(...ACTIONS)) {
    for (const usage of graph.refs(action, "resourceUsage")) {
      must(isA(usage, "PropertyValue") && usage?.["propertyID"] !== undefined, "a use of resources says what it is");
    }
    // Process Run Crate, "Representing container images": an image, or the address of one.
    for (const [i, image] of graph.refs(action, "containerImage").entries()) {
      const address = idsOf(action["containerImage"])[i] ?? "";
      must(isA(image, "ContainerImage") || /^https?:/.test(address), "a container image is one", action["@id"]);
    }
    must(
      action["error"] === undefined || String(action["actionStatus"]).endsWith("FailedActionStatus"),
      "only failures have errors",
    );
  }
  return found;
}

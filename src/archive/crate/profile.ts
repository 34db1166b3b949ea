import { type Entity, type Graph, type Ref, ref } from "./entity.ts";

/*
 * RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) with the profiles Process Run Crate, Workflow Run Crate and Provenance Run
 * Crate 0.5 (https://w3id.org/ro/wfrun) and Workflow RO-Crate 1.0. Version 0.6 of the profiles stands on RO-Crate 1.3.
 */

/** What the words of the metadata mean. */
export const CONTEXT = ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"];

/** The file of the metadata. */
export const METADATA = "ro-crate-metadata.json";

/** The crate itself. */
export const ROOT = ref("./");

const RO_CRATE = "https://w3id.org/ro/crate/1.1";
const WORKFLOW_RO_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0";

const PROFILES: readonly Entity[] = [
  profile("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
  profile("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
  profile("https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate", "0.5"),
  profile(WORKFLOW_RO_CRATE, "Workflow RO-Crate", "1.0"),
];

function profile(id: string, name: string, version: string): Entity {
  return { "@id": id, "@type": "CreativeWork", name, version };
}

/** Adds the crate itself, with what it conforms to. */
export function addRoot(graph: Graph, facts: Omit<Entity, "@id" | "@type">, workflow: Ref): void {
  graph.add({
    "@id": METADATA,
    "@type": "CreativeWork",
    about: ROOT,
    conformsTo: [ref(RO_CRATE), ref(WORKFLOW_RO_CRATE)],
  });
  graph.add({
    "@id": ROOT["@id"],
    "@type": "Dataset",
    ...facts,
    conformsTo: PROFILES.map((each) => ref(each["@id"])),
    mainEntity: workflow,
  });
  for (const each of PROFILES) graph.add(each);
}

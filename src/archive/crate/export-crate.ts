import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import type { ProjectRecord } from "../../record/index.ts";
import { fingerprintsOf } from "../fingerprints-of.ts";
import { contentsOf } from "../contents.ts";
import { type Module, modulesOf } from "../modules.ts";
import { type FileChoice, RunFiles } from "../run-files.ts";
import { gatherEnded, type RunRows } from "../run-rows.ts";
import type { Sink } from "../sink.ts";
import { CrateData } from "./data.ts";
import { RunDescription } from "./describe-run.ts";
import { encodingFormat } from "./encoding-format.ts";
import { Graph, isoTime, localId, type Ref, ref } from "./entity.ts";
import { executionsOf } from "./executions.ts";
import { addRoot, CONTEXT, METADATA, ROOT } from "./profile.ts";

/** What goes into a crate. */
export interface CrateOptions {
  /** Which of the files that tasks made. Default: those in the result. */
  readonly files?: FileChoice;
  /** The files that the run was given, too. */
  readonly inputs?: boolean;
  /** An SPDX identifier, or the URL or text of a licence. Default: that of the project's `package.json`. */
  readonly license?: string | undefined;
  /** Executions of one task, beyond which no more of it are described. Default: all. */
  readonly most?: number | undefined;
}

/** What there is to say of a crate that was written. */
export interface Crate {
  readonly run: RunRows["run"];
  readonly files: number;
  readonly bytes: number;
  /** How many actions are described. */
  readonly actions: number;
  /** Executions that were left out, by task. */
  readonly left: Readonly<Record<string, number>>;
  /** Was no licence given, nor found? */
  readonly unlicensed: boolean;
}

/**
 * Writes a run as an RO-Crate: the code, the files chosen, and `ro-crate-metadata.json`, which describes the run after the
 * profiles of Workflow Run RO-Crate (Provenance Run Crate 0.5).
 *
 * @throws LigaseError `LIGASE_E_STILL_RUNNING`; `LIGASE_E_NO_CODE` where the workflow file was not recorded
 * @example
 * ```ts
 * await writeFolder("crate", (sink) => exportCrate(record, run.id, {}, sink));
 * ```
 */
export async function exportCrate(
  record: ProjectRecord,
  run: string,
  options: CrateOptions,
  sink: Sink,
): Promise<Crate> {
  const { store } = record;
  const rows = await gatherEnded(store, run);
  const modules = await modulesOf(store, rows);
  const fingerprints = fingerprintsOf(store);
  try {
    const files = await RunFiles.of(store, rows);
    const chosen = [...files.choose(options.files ?? "outputs"), ...(options.inputs === true ? files.given : [])];
    const contents = await contentsOf(files, chosen, record, fingerprints);
    const graph = new Graph();
    const license = options.license ?? projectLicense(record.root);
    const workflow = addCode(graph, rows, modules, license);
    const data = new CrateData(graph, contents);
    const description = new RunDescription(graph, data, workflow, {
      store,
      run: rows.run,
      program: rows.program!,
      tasks: new Map(rows.tasks.map((task) => [task.hash, task])),
      executions: await executionsOf(store, rows),
      images: rows.images,
      most: options.most ?? Infinity,
    });
    await description.write();
    addReadme(graph);
    await sink.text(README, readme(rows, contents.files.length));
    for (const { member, bytes } of modules) await sink.text(member, bytes.toString());
    for (const { path, from } of data.files) await sink.file(path, from);
    await sink.text(METADATA, `${JSON.stringify({ "@context": CONTEXT, "@graph": graph.entities }, null, 2)}\n`);
    return {
      run: rows.run,
      files: contents.files.length,
      bytes: contents.files.reduce((sum, file) => sum + file.bytes, 0),
      actions: graph.count("CreateAction"),
      left: Object.fromEntries(description.left),
      unlicensed: license === undefined,
    };
  } finally {
    await fingerprints.close();
  }
}

const README = "README.md";

function addReadme(graph: Graph): void {
  const added = graph.add({
    "@id": README,
    "@type": "File",
    name: README,
    about: ROOT,
    encodingFormat: encodingFormat(README),
  });
  graph.link(ROOT, "hasPart", added);
}

/** What people read who open the folder. */
function readme({ run, program }: RunRows, files: number): string {
  const when = new Date(run.startedAt).toISOString();
  return `# Run ${run.id} of ${run.task}

An RO-Crate of a workflow run: started ${when} by ${run.user} on ${run.host}, ${run.state}, with Ligase ${run.ligaseVersion}.

    ${run.argv.join(" ")}

\`code/\` has the modules of the workflow (\`${program?.entry ?? ""}\` first of all)${files > 0 ? ", `outputs/` and `inputs/` the files that came along" : ""}; \`ro-crate-metadata.json\` describes
every execution of a task, with its inputs, outputs and checksums, after the Provenance Run Crate profile:
<https://w3id.org/ro/wfrun/provenance/0.5>.
`;
}

/** The licence of the project, as its `package.json` has it. */
function projectLicense(root: string): string | undefined {
  const file = join(root, "package.json");
  if (!existsSync(file)) return undefined;
  try {
    const { license } = JSON.parse(readFileSync(file, "utf8")) as { license?: unknown };
    return typeof license === "string" && license !== "UNLICENSED" ? license : undefined;
  } catch {
    return undefined;
  }
}

/** Adds the crate itself and the modules of the program; answers the workflow file. */
function addCode(graph: Graph, rows: RunRows, modules: readonly Module[], license: string | undefined): Ref {
  const { run, program } = rows;
  const entry = modules.find((module) => module.path === program?.entry);
  if (!program || !entry) {
    throw new LigaseError("LIGASE_E_NO_CODE", `the workflow file of run ${run.id} was not recorded`, {
      facts: { run: run.id, entry: program?.entry },
      mend: "run it again, and export that run: it is cached",
    });
  }
  const workflow = ref(encodeURI(entry.member));
  addRoot(
    graph,
    {
      name: `Run ${run.id.slice(0, 8)} of ${run.task}`,
      description: `What ${run.argv.join(" ")} did, when ${run.user} ran it on ${run.host}: its inputs, its outputs, and every task in between.`,
      datePublished: isoTime(run.endedAt ?? run.startedAt),
      license: addLicense(graph, license),
      author: graph.add({ "@id": localId("person", run.user), "@type": "Person", name: run.user }),
      hasPart: [],
    },
    workflow,
  );
  const language = graph.add({
    "@id": "https://www.typescriptlang.org/",
    "@type": "ComputerLanguage",
    name: "TypeScript",
    url: "https://www.typescriptlang.org/",
  });
  for (const module of modules) {
    const added = graph.add({
      "@id": encodeURI(module.member),
      "@type":
        module === entry
          ? ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
          : ["File", "SoftwareSourceCode"],
      name: module.path,
      contentSize: String(module.bytes.length),
      sha256: hash("sha256", module.bytes, "hex"),
      encodingFormat: encodingFormat(module.path),
      version: run.gitCommit ?? program.id,
      ...(module === entry && { programmingLanguage: language }),
    });
    graph.link(ROOT, "hasPart", added);
  }
  for (const { name, version } of program.packages) {
    const software = graph.add({
      "@id": `pkg:npm/${name.replace("@", "%40")}@${version}`,
      "@type": "SoftwareApplication",
      name,
      softwareVersion: version,
    });
    graph.link(workflow, "softwareRequirements", software);
  }
  return workflow;
}

function addLicense(graph: Graph, license: string | undefined): string | Ref {
  if (license === undefined) return "No licence was stated: all rights are reserved.";
  const url = /^https?:/.test(license) ? license : `https://spdx.org/licenses/${license}`;
  if (!/^[\w.:/+-]+$/.test(license)) return license;
  return graph.add({ "@id": url, "@type": "CreativeWork", name: license, identifier: url, url });
}

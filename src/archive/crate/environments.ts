import { type EnvironmentFacts, environmentFor, namedPackages } from "../../record/environments/index.ts";
import type { ImageRow } from "../../store/types.ts";
import { type Graph, localId, type Ref, ref } from "./entity.ts";
import type { Execution } from "./executions.ts";

/** The kind of image that the profiles know: what podman and docker make, and what registries hold. */
const DOCKER_IMAGE = "https://w3id.org/ro/terms/workflow-run#DockerImage";

/**
 * The environments of a run in its crate, as the Process Run Crate profile has it: each a `ContainerImage`, which actions
 * name as `containerImage`, and the packages that it was made for as software that the tool requires.
 */
export class CrateEnvironments {
  readonly #graph: Graph;
  readonly #images: readonly ImageRow[];

  constructor(graph: Graph, images: readonly ImageRow[]) {
    this.#graph = graph;
    this.#images = images;
  }

  /** Says in which environment an execution ran. The tools of a machine are no image: their versions are told anyway. */
  write(action: Ref, tool: Ref, { call, attempts }: Execution): void {
    const last = attempts.findLast(({ image }) => image !== null);
    const facts = environmentFor(this.#images, call?.image ?? "", last?.image ?? undefined);
    if (!facts || facts.digest === "") return;
    this.#graph.link(action, "containerImage", this.#image(facts));
    for (const { manager, name, version } of namedPackages(facts)) {
      if (version === undefined) continue;
      const software = this.#graph.add({
        "@id": packageId(manager, name, version, facts),
        "@type": "SoftwareApplication",
        name,
        softwareVersion: version,
      });
      this.#graph.link(tool, "softwareRequirements", software);
    }
  }

  #image(facts: EnvironmentFacts): Ref {
    const { title, engine, digest, reference, identity, layers } = facts;
    const base = reference === null ? undefined : this.#registryImage(reference);
    // What a definition puts on an image of a registry makes another one of it.
    const isWhole = layers.every((layer) => "from" in layer || "env" in layer || "workdir" in layer);
    if (base && isWhole) return base;
    const id = localId("environment", digest.replace(/^sha256:/, "").slice(0, 16));
    if (this.#graph.has(id)) return ref(id);
    const isDocker = engine === "podman" || engine === "docker";
    return this.#graph.add({
      "@id": id,
      "@type": "ContainerImage",
      additionalType: isDocker ? ref(DOCKER_IMAGE) : this.#rootFileSystem(),
      name: title,
      sha256: digest.replace(/^sha256:/, ""),
      description: `${title}: made by ${engine === "" ? "an engine that is not recorded" : engine} of the definition ${identity}; the checksum is that of its contents`,
      ...(base && { isBasedOn: base }),
    });
  }

  #registryImage(reference: string): Ref {
    const { registry, name, tag, sha256 } = partsOf(reference);
    return this.#graph.add({
      "@id": localId("image", reference),
      "@type": "ContainerImage",
      additionalType: ref(DOCKER_IMAGE),
      registry,
      name,
      ...(tag !== undefined && { tag }),
      ...(sha256 !== undefined && { sha256 }),
    });
  }

  #rootFileSystem(): Ref {
    return this.#graph.add({
      "@id": "#root-file-system",
      "@type": "DefinedTerm",
      name: "root file system",
      description: "The files of an environment in a folder, which jobs enter through bubblewrap.",
    });
  }
}

/** `quay.io/biocontainers/bwa:0.7.17@sha256:…` taken apart; without a registry it is Docker's. */
function partsOf(reference: string): {
  readonly registry: string;
  readonly name: string;
  readonly tag: string | undefined;
  readonly sha256: string | undefined;
} {
  const [path = "", digest] = reference.split("@");
  const slash = path.indexOf("/");
  const first = path.slice(0, slash);
  const hasRegistry = slash > 0 && (/[.:]/.test(first) || first === "localhost");
  const rest = hasRegistry ? path.slice(slash + 1) : path;
  const colon = rest.lastIndexOf(":");
  const name = colon > 0 ? rest.slice(0, colon) : rest;
  return {
    registry: hasRegistry ? first : "docker.io",
    name,
    tag: colon > 0 ? rest.slice(colon + 1) : undefined,
    sha256: digest?.replace(/^sha256:/, ""),
  };
}

/** As package URLs have it, where they know the manager: `pkg:pypi/numpy@2.1.0`. */
function packageId(manager: string, name: string, version: string, { layers }: EnvironmentFacts): string {
  const of = encodeURIComponent(name);
  if (manager === "pip") return `pkg:pypi/${of}@${version}`;
  if (manager === "conda") return `pkg:conda/${of}@${version.split("=")[0]}`;
  const isDebian = manager === "apt" && layers.some((layer) => "debian" in layer);
  return isDebian ? `pkg:deb/debian/${of}@${encodeURIComponent(version)}` : localId("package", manager, name, version);
}

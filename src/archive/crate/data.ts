import { encodingFormat } from "./encoding-format.ts";
import { type Entity, type Graph, localId, type Ref } from "./entity.ts";
import { ROOT } from "./profile.ts";
import type { ValueFile } from "./values.ts";
import type { Content, Contents } from "../contents.ts";
import { FILES } from "../format.ts";
import { unitOf } from "../run-files.ts";
import { nameOf } from "../../files/index.ts";

/** A file of a crate with the place where it is read. */
export interface CrateFile {
  readonly path: string;
  readonly from: string;
}

/** Where files lie in a crate, and the entities that stand for them: in the crate, or only named with their checksums. */
export class CrateData {
  readonly #graph: Graph;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #contents: Contents;
  readonly #byMember: ReadonlyMap<string, Content>;
  readonly #byHash: ReadonlyMap<string, Content>;

  constructor(graph: Graph, contents: Contents) {
    this.#graph = graph;
    this.#contents = contents;
    this.#paths = cratePaths(contents);
    this.#byMember = new Map(contents.files.map((file) => [file.path, file]));
    this.#byHash = new Map(contents.files.map((file) => [file.sha256, file]));
  }

  /** The files to be put into the crate. */
  get files(): readonly CrateFile[] {
    return this.#contents.files.map((file) => ({ path: this.#pathOf(file), from: file.from }));
  }

  /** The entity of a file or folder; nothing for one whose content is not known. */
  entity(file: ValueFile): Ref | undefined {
    if (file.hash === undefined) return undefined;
    const place = this.#contents.moved.get(file.path) ?? file.path;
    const member = FILES + place.replace(/^ligase:/, "");
    if (file.kind === "dir") {
      const inside = this.#contents.files.filter((content) => content.path.startsWith(`${member}/`));
      return inside.length > 0 ? this.#folder(file, member, inside) : this.#named(file);
    }
    // A published copy, or what another call left just so: one file in the crate stands for both.
    const content = this.#byMember.get(member) ?? this.#byHash.get(file.hash);
    return content ? this.#file(content) : this.#named(file);
  }

  #file(content: Content): Ref {
    const path = this.#pathOf(content);
    const added = this.#graph.add({
      "@id": encodeURI(path),
      "@type": "File",
      name: nameOf(path),
      contentSize: String(content.bytes),
      sha256: content.sha256,
      encodingFormat: encodingFormat(path),
    });
    this.#graph.link(ROOT, "hasPart", added);
    return added;
  }

  #folder(file: ValueFile, member: string, inside: readonly Content[]): Ref {
    const first = this.#pathOf(inside[0]!);
    const path = first.slice(0, first.length - (inside[0]!.path.length - member.length) + 1);
    const added = this.#graph.add({ "@id": encodeURI(path), "@type": "Dataset", name: nameOf(file.path) });
    for (const content of inside) this.#graph.link(added, "hasPart", this.#file(content));
    this.#graph.link(ROOT, "hasPart", added);
    return added;
  }

  /** A file that is not in the crate, as something that is known by its checksum. */
  #named({ path, hash, size, kind }: ValueFile): Ref {
    if (/^https?:/i.test(path)) return this.#remote(path, hash!, size);
    const entity: Entity = {
      "@id": localId("file", hash!.slice(0, 16), nameOf(path)),
      "@type": "CreativeWork",
      name: nameOf(path),
      description: `A ${kind === "dir" ? "folder" : "file"} that is not in this crate; ${kind === "dir" ? "its manifest" : "it"} has this checksum.`,
      sha256: hash!,
      ...(size !== undefined && { contentSize: String(size) }),
    };
    return this.#graph.add(entity);
  }

  #remote(url: string, hash: string, size: number | undefined): Ref {
    const added = this.#graph.add({
      "@id": url,
      "@type": "File",
      name: nameOf(url),
      sha256: hash,
      ...(size !== undefined && { contentSize: String(size) }),
      encodingFormat: encodingFormat(nameOf(url)),
    });
    this.#graph.link(ROOT, "hasPart", added);
    return added;
  }

  #pathOf({ path }: Content): string {
    return this.#paths.get(path)!;
  }
}

/**
 * Where the files of a crate lie: `outputs/` and `inputs/` under the names that tools gave them, in a folder named after
 * the call or the content only where two would be one.
 */
function cratePaths({ files, inputs }: Contents): ReadonlyMap<string, string> {
  const parts = files.map(({ path }) => {
    const place = path.slice(FILES.length);
    const [, , unit, ...rest] = place.split("/");
    const kind = inputs.has(unitOf(place)) ? "inputs" : "outputs";
    return { path, kind, unit: unit!.slice(0, 12), rest: rest.join("/"), first: rest[0]! };
  });
  const units = new Map<string, Set<string>>();
  for (const { kind, first, unit } of parts) {
    const key = `${kind}/${first}`;
    units.set(key, (units.get(key) ?? new Set()).add(unit));
  }
  return new Map(
    parts.map(({ path, kind, unit, rest, first }) => [
      path,
      units.get(`${kind}/${first}`)!.size === 1 ? `${kind}/${rest}` : `${kind}/${unit}/${rest}`,
    ]),
  );
}

/** A reference to an entity of a crate. */
export interface Ref {
  readonly "@id": string;
}

/** What an entity may say of itself. */
export type EntityValue = string | number | boolean | Ref | readonly (string | Ref)[];

/** An entity of a crate: JSON-LD, flat. */
export interface Entity {
  readonly "@id": string;
  readonly "@type": string | readonly string[];
  readonly [property: string]: EntityValue | undefined;
}

/** Refers to an entity. */
export const ref = (id: string): Ref => ({ "@id": id });

/** An identifier within the crate, made of words: `#task-align`. */
export const localId = (...words: readonly string[]): string => `#${words.map(encodeURIComponent).join("-")}`;

/** A time as ISO 8601 has it, with its zone as a number: some readers know no `Z`. */
export const isoTime = (at: number): string => new Date(at).toISOString().replace("Z", "+00:00");

/** The entities of a crate, each once, in the order in which they came. */
export class Graph {
  readonly #entities = new Map<string, Record<string, EntityValue | undefined>>();
  readonly #links = new Map<string, Set<string>>();

  /** Adds an entity, if it is not there. */
  add(entity: Entity): Ref {
    if (!this.#entities.has(entity["@id"])) this.#entities.set(entity["@id"], { ...entity });
    return ref(entity["@id"]);
  }

  has(id: string): boolean {
    return this.#entities.has(id);
  }

  /** Adds a reference to a list of an entity, if it is not in it. */
  link(from: Ref, property: string, to: Ref): void {
    const entity = this.#entities.get(from["@id"]);
    if (!entity) return;
    const key = `${property} ${from["@id"]}`;
    let linked = this.#links.get(key);
    if (!linked) this.#links.set(key, (linked = new Set()));
    if (linked.has(to["@id"])) return;
    linked.add(to["@id"]);
    const list = (entity[property] ??= []) as Ref[];
    list.push(to);
  }

  /** Sets a property of an entity that is there. */
  set(of: Ref, property: string, value: EntityValue): void {
    const entity = this.#entities.get(of["@id"]);
    if (entity) entity[property] = value;
  }

  /** Takes a property away from an entity. */
  unset(of: Ref, property: string): void {
    const entity = this.#entities.get(of["@id"]);
    if (entity) delete entity[property];
  }

  /** How many there are of a type. */
  count(type: string): number {
    return [...this.#entities.values()].filter((entity) => entity["@type"] === type).length;
  }

  /** All of them. A list of one is that one. */
  get entities(): readonly object[] {
    return [...this.#entities.values()].map((entity) =>
      Object.fromEntries(
        Object.entries(entity).map(([property, value]) => {
          const only = Array.isArray(value) && value.length === 1 ? (value[0] as EntityValue) : value;
          return [property, only];
        }),
      ),
    );
  }
}

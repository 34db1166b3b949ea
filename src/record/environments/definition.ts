import type { SettledLayer } from "../../images/index.ts";
import { Image } from "../../images/image.ts";
import type { DefinitionChange } from "./types.ts";

/** The steps of a recorded definition; none of one that this version does not know. */
export function layersOf(definition: string): readonly SettledLayer[] {
  try {
    return Image.fromJSON(JSON.parse(definition)).settled();
  } catch {
    return [];
  }
}

/** Something that a definition says, with the name by which two of them are compared; without one, by its place. */
interface Item {
  readonly step: string;
  readonly name: string | undefined;
  /** As people read it. */
  readonly text: string;
  /** What counts, where the text does not say all of it. */
  readonly counts?: string;
}

/**
 * What differs between two definitions: packages by their names, variables too, other steps as they come.
 *
 * @example
 * ```ts
 * compareDefinitions([{ debian: "12" }, { apt: ["bwa"] }], [{ debian: "13" }, { apt: ["bwa=0.7.17-7"] }]);
 * // [{ step: "debian", before: "12", after: "13" }, { step: "apt", before: "bwa", after: "bwa=0.7.17-7" }]
 * ```
 */
export function compareDefinitions(
  before: readonly SettledLayer[],
  after: readonly SettledLayer[],
): readonly DefinitionChange[] {
  const [was, is] = [before.flatMap(itemsOf), after.flatMap(itemsOf)];
  const changes: DefinitionChange[] = [];
  for (const step of new Set([...was, ...is].map((item) => item.step))) {
    changes.push(
      ...compareItems(
        was.filter((item) => item.step === step),
        is.filter((item) => item.step === step),
      ),
    );
  }
  if (changes.length === 0 && JSON.stringify(before) !== JSON.stringify(after)) {
    changes.push({ step: "order", before: undefined, after: undefined });
  }
  return changes;
}

/** Items of one step: those of one name belong together, and of those that are left the first of each, and so on. */
function compareItems(before: readonly Item[], after: readonly Item[]): readonly DefinitionChange[] {
  const says = (item: Item): string => item.counts ?? item.text;
  const here = new Set(after.map(says));
  const there = new Set(before.map(says));
  const gone = before.filter((item) => !here.has(says(item)));
  const come = after.filter((item) => !there.has(says(item)));
  const changes: DefinitionChange[] = [];
  for (const item of gone) {
    const at = come.findIndex((other) => other.name === item.name);
    const [other] = at === -1 ? [] : come.splice(at, 1);
    changes.push({ step: item.step, before: item.text, after: other?.text });
  }
  return [...changes, ...come.map((item) => ({ step: item.step, before: undefined, after: item.text }))];
}

function itemsOf(layer: SettledLayer): readonly Item[] {
  if ("debian" in layer) return [single("debian", layer.debian)];
  if ("from" in layer) return [single("from", layer.from)];
  if ("python" in layer) return [single("python", layer.python)];
  if ("workdir" in layer) return [single("workdir", layer.workdir)];
  if ("archive" in layer) return [file("archive", fileName(layer.archive.path), layer.archive.sha256)];
  if ("apt" in layer) return layer.apt.map((text) => named("apt", text));
  if ("pip" in layer) return layer.pip.map((text) => named("pip", text));
  if ("conda" in layer) {
    return [...layer.conda.map((text) => named("conda", text)), single("conda channels", layer.channels.join(", "))];
  }
  if ("requirements" in layer) {
    const lines = layer.requirements.split("\n").map((line) => line.replace(/(^|\s)#.*/, "").trim());
    return lines.filter((line) => line !== "").map((text) => named(`requirements ${fileName(layer.name)}`, text));
  }
  if ("env" in layer) return variables("env", layer.env);
  if ("run" in layer) return layer.run.map((text) => single("run", text));
  if ("files" in layer) return [file("files", layer.at, layer.files.sha256)];
  return [
    file("dockerfile", fileName(layer.dockerfile.path), layer.dockerfile.sha256),
    { ...file("build context", "", layer.context.sha256), text: `sha256 ${layer.context.sha256.slice(0, 12)}` },
    ...variables("build argument", layer.args),
  ];
}

const single = (step: string, text: string): Item => ({ step, name: undefined, text });
const named = (step: string, text: string): Item => ({ step, name: packageName(text), text });

const file = (step: string, name: string, sha256: string): Item => ({
  step,
  name,
  text: `${name} (sha256 ${sha256.slice(0, 12)})`,
  counts: `${name} ${sha256}`,
});

function variables(step: string, values: Readonly<Record<string, string>>): readonly Item[] {
  return Object.entries(values).map(([name, value]) => ({ step, name, text: `${name}=${value}` }));
}

const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * The name of a package as a definition asks for it: `samtools=1.16.1-1`, `numpy>=2`, `bioconda::bwa=0.7.17`,
 * `pandas[excel]==2.2.3`. Of an address the whole.
 */
export function packageName(text: string): string {
  const name = /^(?:[\w.-]+::)?([A-Za-z0-9][\w.+-]*)(?![\w.+-]*:\/\/)/.exec(text)?.[1];
  return name === undefined || /^[\w+.-]+:\/\//.test(text) ? text : name;
}

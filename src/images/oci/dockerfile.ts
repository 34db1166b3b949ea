import { shellWord } from "../../worker/script/language.ts";
import { authorityVariables, OWN } from "../build/inside.ts";
import type { LocalContent, SettledLayer } from "../definition/layers.ts";
import { commandsOf, CONDA, MICROMAMBA, type StepsOf } from "./steps.ts";

/** Local files that a Dockerfile copies, with what they are called in its context. */
export type Copies = readonly (readonly [LocalContent, string])[];

/** What the authorities that this machine trusts are called in a context. */
export const AUTHORITIES_FILE = "authorities.pem";

/** What the program that installs conda packages is called in a context. */
export const MICROMAMBA_FILE = "micromamba";

/** A Dockerfile, with what its context must hold. */
export interface GeneratedDockerfile {
  readonly text: string;
  readonly copies: Copies;
}

/**
 * Writes the steps of a definition as a Dockerfile. What users wrote stands in it only as JSON and as words of the shell:
 * nothing of it is read as an instruction.
 *
 * @param base - what it stands on: the name of an image
 * @param layers - the steps behind the first
 */
export function dockerfileOf(base: string, layers: readonly SettledLayer[], given: StepsOf): GeneratedDockerfile {
  const copies: [LocalContent, string][] = [];
  const lines = [`FROM ${base}`, "USER 0"];
  const variables: Record<string, string> = {};
  const trust = given.trusts ? authorityVariables(`${OWN}/${AUTHORITIES_FILE}`) : {};
  if (given.trusts) lines.push(`COPY ${JSON.stringify([AUTHORITIES_FILE, `${OWN}/${AUTHORITIES_FILE}`])}`);
  for (const layer of layers) {
    if ("env" in layer) {
      Object.assign(variables, layer.env);
      for (const [name, value] of Object.entries(layer.env))
        if (isOneLine(value)) lines.push(`ENV ${name}=${quoted(value)}`);
    } else if ("workdir" in layer) {
      lines.push(run(`mkdir -p ${shellWord(layer.workdir)}`, {}), `WORKDIR ${escaped(layer.workdir)}`);
    } else if ("files" in layer) {
      const name = `files-${copies.length}`;
      copies.push([layer.files, name]);
      lines.push(`COPY ${JSON.stringify([name, layer.at])}`);
    } else {
      const isConda = "conda" in layer;
      if (isConda) lines.push(`COPY ${JSON.stringify([MICROMAMBA_FILE, MICROMAMBA])}`);
      for (const command of commandsOf(layer, given)) lines.push(run(command, { ...trust, ...manyLines(variables) }));
      if (isConda) lines.push(`ENV PATH=${CONDA}/bin:$PATH`, `ENV CONDA_PREFIX=${CONDA}`);
    }
  }
  if (given.trusts) lines.push(run(`rm -rf ${OWN}`, {}));
  return { text: `${lines.join("\n")}\n`, copies };
}

/** Values of several lines cannot be in an `ENV`. */
function manyLines(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => !isOneLine(value)));
}

/** In exec form: neither the builder nor a shell of its own looks into it. */
function run(command: string, variables: Readonly<Record<string, string>>): string {
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}\n`);
  return `RUN ${json(["/bin/sh", "-e", "-c", `${exports.join("")}${command}`])}`;
}

/** Nothing outside of ASCII, so that no builder's reading of bytes counts. */
function json(words: readonly string[]): string {
  return JSON.stringify(words).replace(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const isOneLine = (value: string): boolean => !/[\n\r]/.test(value);

/** A value as it is: Dockerfiles know `\`, `"` and `$` in it. */
const quoted = (value: string): string => `"${value.replace(/["\\$]/g, "\\$&")}"`;

const escaped = (path: string): string => path.replace(/["\\$]/g, "\\$&");

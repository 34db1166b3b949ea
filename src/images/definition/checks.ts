import { LigaseError } from "../../kernel/index.ts";

/** Debian releases by number, with the Python that each brings. */
export const DEBIAN: Readonly<Record<string, { readonly codename: string; readonly python: string }>> = {
  "11": { codename: "bullseye", python: "3.9" },
  "12": { codename: "bookworm", python: "3.11" },
  "13": { codename: "trixie", python: "3.13" },
};

/** Refuses a definition, naming what is wrong in it. */
export function refuse(message: string, mend: string, facts: Readonly<Record<string, unknown>> = {}): never {
  throw new LigaseError("LIGASE_E_IMAGE_DEFINITION", message, { facts, mend });
}

/** Every text a definition holds goes to a program as an argument or into a file: none of them holds a NUL. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !value.includes("\0");
}

function list(what: string, values: readonly unknown[], mend: string): readonly string[] {
  if (values.length === 0) refuse(`no ${what} was named`, mend);
  return values.map((value) => {
    if (!isText(value)) refuse(`${JSON.stringify(value) ?? typeof value} is no ${what}`, mend);
    return value;
  });
}

function matching(what: string, pattern: RegExp, mend: string): (values: readonly unknown[]) => readonly string[] {
  return (values) =>
    list(what, values, mend).map((value) => {
      if (!pattern.test(value)) refuse(`${JSON.stringify(value)} is no ${what}`, mend, { given: value });
      return value;
    });
}

/**
 * `name`, `name:arch`, `name=version`. A trailing `-` would make apt remove the package, so no name ends in one.
 */
export const aptPackages = matching(
  "Debian package",
  /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9]+)?(=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?$/,
  'write names as apt knows them, one argument each: .apt("bwa", "samtools=1.16.1-1")',
);

/** What PEP 508 calls a requirement, without files and options: `numpy`, `numpy>=2,<3`, `x[extra]==1.0 ; python_version < "3.12"`, `x @ https://…`. */
export const pipPackages = matching(
  "Python package",
  /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\s*(\[[A-Za-z0-9._,\s-]*\])?\s*(@\s*(https?|git\+https):\/\/[^\s;]+|\(?\s*((===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*\)?)\s*(;[\w\s.<>=!~"'()-]*)?$/,
  'write requirements as pip knows them, one argument each: .pip("numpy", "pandas==2.2.3")',
);

/** What conda calls a match specification: `bwa`, `bwa=0.7.17`, `numpy>=2,<3`, `bioconda::bwa=0.7.17=h7132678_9`. */
export const condaPackages = matching(
  "conda package",
  /^([A-Za-z0-9_./:-]+::)?[A-Za-z0-9_][A-Za-z0-9_.-]*(\s*(==|=|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9_.*+!<>=,|-]+(=[A-Za-z0-9_.*]+)?)?$/,
  'write specifications as conda knows them, one argument each: .conda("bwa=0.7.17", "python>=3.11")',
);

/** A channel's name, its URL, or a folder as `file:///…`. */
export const condaChannels = matching(
  "conda channel",
  /^([A-Za-z0-9][A-Za-z0-9_./-]*|(https|http|file):\/\/[^\s"'`$\\]+)$/,
  'name channels: { channels: ["conda-forge", "bioconda"] }',
);

/** Shell commands: any text, since the shell is what reads it. */
export function shellCommands(values: readonly unknown[]): readonly string[] {
  return list("command to run", values, '.run("make && make install")');
}

/** A Debian release by its number. */
export function debianRelease(release: unknown): string {
  if (typeof release === "string" && Object.hasOwn(DEBIAN, release)) return release;
  const near = Object.entries(DEBIAN).find(([, { codename }]) => codename === release)?.[0];
  return refuse(
    `${JSON.stringify(release)} is no Debian release that Ligase knows`,
    near === undefined
      ? `write one of ${Object.keys(DEBIAN)
          .map((known) => `Image.debian("${known}")`)
          .join(", ")}, or take an image: Image.from("debian:…")`
      : `write its number: Image.debian("${near}")`,
    { release },
  );
}

/** `3.11` */
export function pythonVersion(version: unknown, release: string | undefined): string {
  if (typeof version !== "string" || !/^3\.\d{1,2}$/.test(version)) {
    refuse(`${JSON.stringify(version)} is no version of Python`, 'write its first two numbers: .python("3.11")', {
      version,
    });
  }
  const has = release === undefined ? undefined : DEBIAN[release]?.python;
  if (has !== undefined && has !== version) {
    const other = Object.entries(DEBIAN).find(([, { python }]) => python === version)?.[0];
    const conda = `.conda("python=${version}")`;
    refuse(
      `Debian ${release} has Python ${has}, not ${version}`,
      other === undefined ? `take it from conda: ${conda}` : `take Image.debian("${other}"), or conda: ${conda}`,
      { version, release },
    );
  }
  return version;
}

const REFERENCE =
  /^(?<name>(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** The parts of a reference to an OCI image. */
export interface Reference {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes `registry/name:tag@sha256:…` apart. */
export function parseReference(reference: unknown): Reference {
  const groups = typeof reference === "string" && reference.length <= 1024 ? REFERENCE.exec(reference)?.groups : null;
  if (!groups) {
    const scheme = typeof reference === "string" ? /^(?:docker|https?|oci):\/\/(.+)$/.exec(reference)?.[1] : undefined;
    return refuse(
      `${JSON.stringify(reference)} is no reference to an image`,
      scheme !== undefined && REFERENCE.test(scheme)
        ? `leave the scheme out: Image.from("${scheme}")`
        : 'write registry/name:tag@sha256:…, as in Image.from("quay.io/biocontainers/bwa:0.7.17--he4a0461_11")',
      { reference },
    );
  }
  return { name: groups["name"] ?? "", tag: groups["tag"], digest: groups["digest"] };
}

/** Variables by name. */
export function variables(values: unknown): Readonly<Record<string, string>> {
  const mend = '.env({ LANG: "C.UTF-8" })';
  if (values === null || typeof values !== "object" || Array.isArray(values)) {
    return refuse("env was given no record of variables", mend);
  }
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) refuse(`${JSON.stringify(name)} is no name of a variable`, mend, { name });
    if (typeof value !== "string" || value.includes("\0")) {
      refuse(`the variable ${name} was given ${JSON.stringify(value)}, which is no text`, mend, { name });
    }
    checked[name] = value;
  }
  return checked;
}

/** An absolute path inside of the environment, written the one way it can be written. */
export function insidePath(what: string, path: unknown): string {
  const mend = `write an absolute path inside of the environment: "/opt/reference"`;
  if (!isText(path)) refuse(`${what} was given ${JSON.stringify(path)}, which is no path`, mend);
  if (!path.startsWith("/")) refuse(`${what} was given ${path}, which is not absolute`, mend, { path });
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) refuse(`${what} was given ${path}, which has ".." in it`, mend, { path });
  if (parts.length === 0) refuse(`${what} was given the root itself`, mend, { path });
  if (["proc", "sys", "dev", "run", "tmp"].includes(parts[0]!)) {
    refuse(`${what} was given ${path}, which is not kept: /${parts[0]} is made anew for every job`, mend, { path });
  }
  return `/${parts.join("/")}`;
}

/** The path of a local file or folder. */
export function localPath(what: string, path: unknown): string {
  if (!isText(path)) refuse(`${what} was given ${JSON.stringify(path)}, which is no path`, `give ${what} a path`);
  return path;
}

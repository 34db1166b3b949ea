import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { LigaseError } from "../../kernel/index.ts";
import { parseReference } from "../definition/checks.ts";
import { DEFAULT_PATH } from "./default-path.ts";
import { onMachine, type StepContext, type StepResult } from "./step.ts";

/** Variables of an image that are about the machine it was made on, or about its root user. */
const NOT_KEPT = new Set(["HOME", "HOSTNAME", "TERM", "PWD", "USER", "LOGNAME"]);

/** Programs that a definition needs. */
export function needTools(context: StepContext, names: readonly string[], what: string): void {
  const missing = names.filter((name) => context.tools[name] === undefined);
  if (missing.length === 0) return;
  throw new LigaseError("LIGASE_E_IMAGE_ENGINE", `${what} needs ${missing.join(" and ")}, not installed here`, {
    facts: { missing },
    mend: `apt-get install ${missing.join(" ")}`,
  });
}

/** Where signatures are asked for is said in a file that distributions bring; without one skopeo refuses all. */
export function skopeo(context: StepContext): readonly string[] {
  const files = ["/etc/containers/policy.json", join(homedir(), ".config/containers/policy.json")];
  const hasPolicy = files.some((file) => existsSync(file));
  return [context.tools["skopeo"] ?? "skopeo", ...(hasPolicy ? [] : ["--insecure-policy"]), "--override-os", "linux"];
}

/** Without a folder of the session skopeo looks for passwords in one that only root may look into, and gives up. */
export function skopeoEnvironment(scratch: string): Readonly<Record<string, string>> {
  const isSaid = ["XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE"].some((name) => process.env[name] !== undefined);
  return isSaid || process.getuid?.() === 0 ? {} : { XDG_RUNTIME_DIR: scratch };
}

/** Takes an image from a registry, by digest: what a tag means is asked for once, recorded, and said. */
export async function buildFrom(context: StepContext, reference: string): Promise<StepResult> {
  needTools(context, ["skopeo", "umoci"], `Image.from(${JSON.stringify(reference)})`);
  const { name, tag, digest: written } = parseReference(reference);
  // Registries on this machine seldom have certificates; docker and podman do the same.
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(name);
  const locked = context.lock?.base;
  const digest = written ?? locked?.digest ?? (await resolveTag(context, `${name}:${tag ?? "latest"}`, isLocal));
  if (written === undefined && locked == null) {
    context.warn(
      `${reference} is a tag, which may move; it is ${digest} today: write Image.from("${name}${tag === undefined ? "" : `:${tag}`}@${digest}") or ligase image lock`,
    );
  }
  const certificates = isLocal ? ["--src-tls-verify=false"] : [];
  await onMachine(
    context,
    [...skopeo(context), "copy", ...certificates, `docker://${name}@${digest}`, "oci:oci:image"],
    { cwd: context.scratch, env: skopeoEnvironment(context.scratch) },
  );
  return { ...(await unpack(context)), resolved: { reference, digest } };
}

/** The digest of the manifest that a tag stands for now: of the list of all architectures, where there is one. */
async function resolveTag(context: StepContext, reference: string, isLocal: boolean): Promise<string> {
  const manifest = await onMachine(
    context,
    [...skopeo(context), "inspect", "--raw", ...(isLocal ? ["--tls-verify=false"] : []), `docker://${reference}`],
    { capture: true, env: skopeoEnvironment(context.scratch) },
  );
  return `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
}

/** Makes a root file system of the image in `<scratch>/oci`. */
export async function unpack(context: StepContext): Promise<StepResult> {
  const { scratch, root, tools, privilege } = context;
  // Raw: a runtime's configuration is none of our business, and there is none for a user that the image does not know.
  await onMachine(context, [
    tools["umoci"] ?? "umoci",
    "raw",
    "unpack",
    ...(privilege.kind === "root" ? [] : ["--rootless"]),
    "--image",
    `${join(scratch, "oci")}:image`,
    root,
  ]);
  return readConfig(join(scratch, "oci"));
}

/** A part of some JSON, if it is there. */
function part(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== "object") return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

/** Variables and directory that an image in an OCI layout says. */
function readConfig(layout: string): StepResult {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(layout, path), "utf8"));
  const blob = (digest: unknown): unknown => read(join("blobs", String(digest).replace(":", "/")));
  const manifest = blob(part(read("index.json"), "manifests", 0, "digest"));
  return settingsOf(part(blob(part(manifest, "config", "digest")), "config"));
}

/** What an image's configuration sets: its entry point is none of a job's business. */
export function settingsOf(config: unknown): StepResult {
  const variables = part(config, "Env");
  const env: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const variable of Array.isArray(variables) ? variables : []) {
    const [, name = "", value = ""] = /^([^=]+)=([^]*)$/.exec(String(variable)) ?? [];
    if (name !== "" && !NOT_KEPT.has(name)) env[name] = value;
  }
  const workdir = part(config, "WorkingDir");
  return { env, workdir: typeof workdir === "string" && workdir.startsWith("/") ? workdir : "/" };
}

import { settingsOf } from "../build/oci.ts";
import { callClient } from "./client.ts";
import type { Inspected } from "./dialect.ts";

/** Asks an engine for one of its images; nothing when it has none of that name or id. */
export async function inspectImage(program: string, name: string): Promise<Inspected | undefined> {
  const { status, stdout } = await callClient(program, ["image", "inspect", name]);
  if (status !== 0) return undefined;
  const said: unknown = JSON.parse(stdout);
  const image: unknown = Array.isArray(said) ? said[0] : undefined;
  if (!isObject(image)) return undefined;
  const config = isObject(image["Config"]) ? image["Config"] : {};
  const root = isObject(image["RootFS"]) ? image["RootFS"] : {};
  const digests = textsOf(image["RepoDigests"]).map((name) => name.slice(name.indexOf("@") + 1));
  const { env = {}, workdir = "/" } = settingsOf(config);
  const id = textOf(image["Id"]);
  return {
    // Podman leaves the kind of hash out.
    id: id.startsWith("sha256:") ? id : `sha256:${id}`,
    // Podman names the image's own too, behind or before that of the list.
    listed: digests.find((digest) => digest !== image["Digest"]) ?? digests[0],
    env,
    workdir,
    size: Number(image["Size"]) || 0,
    layers: textsOf(root["Layers"]),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

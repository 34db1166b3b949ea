import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { isFields } from "../../code/parameters/index.ts";
import type { EndpointManifest } from "../../endpoints/types.ts";
import { shellWord } from "../flags/write.ts";

/** Where an endpoint or a web app is called. */
export function urlOf({ kind, name }: Pick<EndpointManifest, "kind" | "name">, server: string): string {
  return kind === "web" ? `${server}/web/${name}/` : `${server}/v2/${name}`;
}

/**
 * A line for a shell that calls an endpoint, with an input of its form.
 *
 * @param storeDir - of the server, where it runs on this machine: its token is in there
 */
export function curlLine(endpoint: EndpointManifest, server: string, storeDir: string | undefined): string {
  const file = storeDir === undefined ? undefined : join(storeDir, "server.token");
  const key = file !== undefined && existsSync(file) ? `$(cat ${shellWord(near(file))})` : "$LIGASE_API_KEY";
  const auth = endpoint.public ? "" : ` -H "Authorization: Bearer ${key}"`;
  const url = urlOf(endpoint, server);
  if (endpoint.kind === "web") return `curl${auth} ${url}`;
  const input = isFields(endpoint.input) ? exampleOf(endpoint.input) : {};
  return `curl${auth} -d ${shellWord(JSON.stringify({ input }))} ${url}/runsync`;
}

function near(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith("..") ? path : here;
}

/** A value that a schema takes, short enough for one line: fields that may be absent are. */
function exampleOf(schema: Readonly<Record<string, unknown>>): unknown {
  const { type, properties, required } = schema;
  if ("default" in schema) return schema["default"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0] as unknown;
  const first: unknown = Array.isArray(schema["anyOf"]) ? schema["anyOf"][0] : undefined;
  if (isFields(first)) return exampleOf(first);
  switch (Array.isArray(type) ? type[0] : type) {
    case "object": {
      const needed = Array.isArray(required) ? required : [];
      const fields = Object.entries(isFields(properties) ? properties : {}).filter(([name]) => needed.includes(name));
      return Object.fromEntries(fields.map(([name, of]) => [name, isFields(of) ? exampleOf(of) : null]));
    }
    case "array":
      return [];
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return schema["format"] === "path" ? "file.txt" : "…";
  }
}

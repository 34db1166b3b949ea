import type { JsonSchema } from "./kinds.ts";
import { type Setting, SETTINGS } from "./table.ts";

/**
 * The JSON Schema of `ligase.config.json`, with which an editor completes and checks it. It says what the reader of the
 * configuration accepts: both are made from the same table.
 *
 * @example
 * ```ts
 * configSchema().properties; // { store: { type: "string", … }, cpus: …, … }
 * ```
 */
export function configSchema(): JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> } {
  const properties = described(SETTINGS);
  const { profiles: _, ...common } = SETTINGS;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "The configuration of a Ligase project",
    type: "object",
    properties: {
      $schema: { type: "string" },
      ...properties,
      profiles: {
        ...properties["profiles"],
        additionalProperties: { type: "object", properties: described(common, false), additionalProperties: false },
      },
    },
    additionalProperties: false,
  };
}

function described(
  settings: Readonly<Record<string, Setting<unknown>>>,
  presets = true,
): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, { doc, kind, preset }]) => [
      name,
      { ...kind.schema, description: doc, ...(presets && preset !== undefined && { default: preset }) },
    ]),
  );
}

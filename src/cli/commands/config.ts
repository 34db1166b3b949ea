import { join } from "node:path";
import {
  CONFIG_FILES,
  configSchema,
  type Origin,
  resolveConfig,
  type ResolvedConfig,
  type Setting,
  SETTINGS,
} from "../../config/index.ts";
import { bytes } from "../../config/kinds.ts";
import { formatBytes } from "../../kernel/index.ts";
import { withoutSecrets } from "../../project/notify.ts";
import { findProject } from "../../project/project.ts";
import { pathFrom } from "../../record/path.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns, shorten } from "../terminal/text.ts";
import { defineCommand, JSON_OUT, printJson } from "./command.ts";

const SETTING_WIDTH = Math.max(...Object.keys(SETTINGS).map((name) => name.length));
/** Values are not cut to less. */
const LEAST_WIDTH = 8;

/** One setting in force. */
interface Row {
  readonly setting: string;
  readonly value: unknown;
  readonly origin: Origin;
  /** What said so: a file, a profile, a variable. */
  readonly from: string | null;
}

/** `ligase config` */
export const config = defineCommand(
  {
    usage: "config",
    about: [
      "Shows the settings that are in force in the project around here, and where each comes from: the configuration (ligase.config.ts or .json), a profile of it, or the environment. What no line speaks of has its default.",
      "--schema prints the JSON Schema with which an editor completes ligase.config.json.",
    ],
    examples: ["ligase config", "ligase config --profile cluster", "ligase config --schema > ligase.schema.json"],
    options: {
      profile: { type: "text", value: "<profile>", doc: "with the settings of this profile" },
      schema: { type: "boolean", doc: "print the JSON Schema of the configuration" },
      ...JSON_OUT,
    },
  },
  {},
  async ({ options }, terminal) => {
    if (options.schema) {
      terminal.out(JSON.stringify(configSchema(), null, 2));
      return 0;
    }
    const root = findProject(process.cwd());
    const load = async (file: string) => {
      const { importModule } = await import("../../code/index.ts");
      return importModule(file, join(root, ".ligase", "code"));
    };
    const resolved = await resolveConfig(root, load, { environment: process.env, profile: options.profile });
    const rows = rowsOf(resolved);
    if (options.jsonl) return printJson(options, rows, terminal) ? 0 : 1;
    const { file = null, profile = null, said } = resolved;
    const profiles = Object.keys(said.profiles ?? {});
    if (!printJson(options, { root, file, profile, profiles, settings: rows }, terminal)) {
      print(rows, root, resolved, terminal);
    }
    return 0;
  },
);

function rowsOf({ said, origins, file, profile }: ResolvedConfig): Row[] {
  const values: Readonly<Record<string, unknown>> = said;
  const { profiles: _, ...settings } = SETTINGS;
  return Object.entries<Setting<unknown>>(settings).map(([setting, { preset, variable }]) => {
    const origin = origins[setting] ?? "default";
    const from = {
      default: null,
      file: file ?? null,
      profile: profile ?? null,
      environment: variable ?? null,
      flag: null,
    };
    const value = setting === "notify" ? said.notify?.map(withoutSecrets) : values[setting];
    return { setting, value: value ?? preset ?? null, origin, from: from[origin] };
  });
}

function print(
  rows: readonly Row[],
  root: string,
  { file, profile, said }: ResolvedConfig,
  { out, note, style, styleOut, widthOut }: Terminal,
): void {
  const settings: Readonly<Record<string, Setting<unknown>>> = SETTINGS;
  const lines = rows.map(({ setting, value, origin, from }) => {
    const { kind, otherwise } = settings[setting]!;
    const isDefault = origin === "default";
    const isBytes = kind === bytes && typeof value === "number";
    const words = typeof value === "string" ? value : isBytes ? formatBytes(value) : JSON.stringify(value);
    const source = origin === "profile" ? `profile ${from}` : from === null ? origin : pathFrom(from, root);
    return { setting, shown: isDefault ? (otherwise ?? words) : words, source, isDefault };
  });
  const others = Math.max(...lines.map(({ source }) => source.length)) + SETTING_WIDTH + 4;
  const cells = lines.map(({ setting, shown, source, isDefault }) => {
    const value = shorten(shown, Math.max(LEAST_WIDTH, widthOut - others));
    return [setting, isDefault ? styleOut("dim", value) : value, styleOut("dim", source)];
  });
  for (const line of columns(cells, { width: widthOut })) out(line);
  const profiles = Object.keys(said.profiles ?? {}).filter((name) => name !== profile);
  if (file === undefined) note(style("dim", `there is no ${CONFIG_FILES.join(" or ")} in ${root}`));
  if (profiles.length > 0)
    note(style("dim", `${profile === undefined ? "" : "other "}profiles: ${profiles.join(", ")}`));
}

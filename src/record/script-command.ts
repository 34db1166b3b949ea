import { renderScript } from "../worker/script/index.ts";
import { type Places, storedValue } from "./stored-value.ts";

/**
 * The text of a script with its values in their places, for people: files are their paths from here, while in its work
 * directory they have others.
 *
 * @param args - its one argument, as the codec writes it; see `ScriptSpec`
 * @returns nothing where that is no script
 */
export function scriptCommand(args: string, places: Places): string | undefined {
  const [spec] = storedValue(args, places) as readonly unknown[];
  if (typeof spec !== "object" || spec === null) return undefined;
  const { parts, values, interpreter } = spec as Readonly<Record<string, unknown>>;
  if (!Array.isArray(parts) || !Array.isArray(values) || typeof interpreter !== "string") return undefined;
  try {
    return renderScript({ parts: parts.map(String), values, interpreter }, ({ path }) => path);
  } catch {
    return parts.join("${…}"); // by a version of Ligase that wrote other values
  }
}

/** A variable as `commandFiles` exports it: each quote in its value is `'\''`. */
const EXPORT = /^export ([A-Za-z_]\w*)=((?:'[^']*'|\\')+)$/gm;

/**
 * The variables that a command file exports before its script begins.
 *
 * @example
 * ```ts
 * exportedIn("export LIGASE_CPU='2'\nset -euo pipefail\n\nls\n"); // { LIGASE_CPU: "2" }
 * ```
 */
export function exportedIn(commandFile: string): Record<string, string> {
  const heading = commandFile.split(/^(?:set -eu|exec )/m, 1)[0]!;
  return Object.fromEntries(
    Array.from(heading.matchAll(EXPORT), ([, name = "", quoted = ""]) => [
      name,
      quoted.replaceAll(/'([^']*)'|\\(')/g, (_, text?: string, quote?: string) => text ?? quote ?? ""),
    ]),
  );
}

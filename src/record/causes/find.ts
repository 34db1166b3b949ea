import { RULES } from "./table.ts";
import type { Cause, Evidence, Rule } from "./types.ts";

/**
 * The causes that are likely, the likeliest first; nothing where none is known. Each kind once.
 *
 * @example
 * ```ts
 * findCauses(evidence); // [{ kind: "missing-tool", says: "there is no program samtools where the job ran", … }]
 * ```
 */
export function findCauses(evidence: Evidence): readonly Cause[] {
  const causes = new Map<string, Cause>();
  for (const rule of RULES) {
    if (causes.has(rule.kind)) continue;
    const cause = apply(rule, evidence);
    if (cause) causes.set(rule.kind, cause);
  }
  return [...causes.values()];
}

function apply({ kind, line: pattern, when, says, mend, told }: Rule, evidence: Evidence): Cause | undefined {
  const make = (groups: readonly string[], line: string | undefined): Cause | undefined => {
    const found = { evidence, groups };
    if (when && !when(found)) return undefined;
    return { kind, says: says(found), mend: mend?.(found), line, told: told?.(evidence) ?? false };
  };
  if (!pattern) return make([], undefined);
  for (const line of evidence.lines) {
    const match = pattern.exec(line);
    const cause =
      match &&
      make(
        match.slice(1).map((group: string | undefined) => group ?? ""),
        line,
      );
    if (cause) return cause;
  }
  return undefined;
}

/**
 * A name as people type it on a command line: `sampleId`, `sample_id` and `SampleID` are `sample-id`.
 *
 * @example
 * ```ts
 * kebabCase("minMAPQ"); // "min-mapq"
 * ```
 */
export function kebabCase(name: string): string {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1-$2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
}

/** The same for all ways to write a name. */
const loosely = (name: string): string => name.replaceAll(/[-_]/g, "").toLowerCase();

/**
 * Finds what a name means, however it is written: as in the source, in kebab case, or in any
 * other way as long as only one answers to it.
 */
export function findNamed<T extends { readonly name: string }>(items: readonly T[], name: string): T | undefined {
  const exact = items.find((item) => item.name === name);
  if (exact) return exact;
  const kebab = items.filter((item) => kebabCase(item.name) === name);
  const close = kebab.length > 0 ? kebab : items.filter((item) => loosely(item.name) === loosely(name));
  return close.length === 1 ? close[0] : undefined;
}

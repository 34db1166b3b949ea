import { compareDefinitions } from "./definition.ts";
import { comparePackages } from "./packages.ts";
import type {
  DefinitionChange,
  EnvironmentBrief,
  EnvironmentChange,
  EnvironmentFacts,
  PackageChange,
} from "./types.ts";

/** What differs between two environments, as far as both are recorded. */
export function compareEnvironments(before: EnvironmentFacts, after: EnvironmentFacts): EnvironmentChange {
  const known = before.layers.length > 0 && after.layers.length > 0;
  const definition = known && before.identity !== after.identity ? compareDefinitions(before.layers, after.layers) : [];
  return {
    before: briefOf(before),
    after: briefOf(after),
    definition,
    packages: before.digest === after.digest && before.digest !== "" ? [] : comparePackages(before, after),
    lock: lockChange(before, after),
    reference: referenceChange(before, after),
  };
}

const briefOf = ({ title, identity, engine, digest }: EnvironmentFacts): EnvironmentBrief => ({
  title,
  identity,
  engine,
  digest,
});

function lockChange(before: EnvironmentFacts, after: EnvironmentFacts): EnvironmentChange["lock"] {
  // The tools of a machine are what they are, whatever a lock says.
  if (before.lock === after.lock || [before.engine, after.engine].includes("host")) return undefined;
  if (before.lock === null) return "added";
  return after.lock === null ? "removed" : "changed";
}

/** A definition that names another image is told as that. */
function referenceChange(before: EnvironmentFacts, after: EnvironmentFacts): EnvironmentChange["reference"] {
  const [was, is] = [before.reference, after.reference];
  if (was === null || is === null || was === is) return undefined;
  return was.split("@")[0] === is.split("@")[0] ? { before: was, after: is } : undefined;
}

/** A change of a definition in words: `apt samtools → samtools=1.16.1-1`, `pip numpy added`. */
export function definitionText({ step, before, after }: DefinitionChange): string {
  if (step === "order") return "the same steps in another order";
  if (before === undefined) return `${step} ${after} added`;
  return after === undefined ? `${step} ${before} removed` : `${step} ${before} → ${after}`;
}

/** A change of a package in words: `samtools 1.16.1-1 → 1.17-1`, `libdeflate0 1.14-1 added`. */
export function packageText({ name, before, after }: PackageChange): string {
  if (before === undefined) return `${name} ${after} added`;
  return after === undefined ? `${name} ${before} removed` : `${name} ${before} → ${after}`;
}

/** What a change of an environment is besides its packages, in words. */
export function changeTexts({ before, after, definition, lock, reference }: EnvironmentChange): readonly string[] {
  const texts = definition.map(definitionText);
  if (before.engine !== after.engine && before.engine !== "" && after.engine !== "") {
    texts.push(`engine ${before.engine} → ${after.engine}`);
  }
  if (lock !== undefined) texts.push(`ligase.images.lock ${lock}`);
  if (reference !== undefined) texts.push(`${reference.before.split("@")[0]} ${tagText(reference)}`);
  return texts;
}

function tagText({ before, after }: NonNullable<EnvironmentChange["reference"]>): string {
  return `${shortDigest(digestIn(before))} → ${shortDigest(digestIn(after))}`;
}

const digestIn = (reference: string): string => reference.split("@")[1] ?? "";

/** `sha256:3f9a1c2b7d4e`; of an empty one that there is none. */
export function shortDigest(digest: string): string {
  return digest === "" ? "without a digest" : digest.replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]*$/, "$1$2");
}

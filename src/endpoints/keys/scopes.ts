import { LigaseError, nearest } from "../../kernel/index.ts";
import type { NewKey, Verb } from "../../remote/index.ts";

/** Every verb, the weakest first. */
export const VERBS = ["read", "submit", "deploy", "admin"] as const satisfies readonly Verb[];

/** What a verb brings with it: who hands jobs in wants to know what becomes of them. */
const IMPLIED: Readonly<Record<Verb, readonly Verb[]>> = {
  read: ["read"],
  submit: ["submit", "read"],
  deploy: ["deploy", "read"],
  admin: VERBS,
};

/** All that may be done by whom these verbs were given. */
export function impliedVerbs(verbs: readonly Verb[]): ReadonlySet<Verb> {
  return new Set(verbs.flatMap((verb) => IMPLIED[verb]));
}

/** What a key is good for, as it is stored. */
export interface KeyScopes {
  readonly verbs: readonly Verb[];
  /** Null for all. */
  readonly endpoints: readonly string[] | null;
}

const LONGEST_NAME = 100;
/** Ten years: who needs longer leaves it away. */
const LONGEST_MS = 10 * 366 * 86_400_000;

/**
 * Checks a key that is to be made: it may come from anybody who has JSON.
 *
 * @param taken - names of keys that are good
 * @throws LigaseError `LIGASE_E_KEY`, naming the field
 */
export function checkNewKey({ name, verbs, endpoints, expiresIn }: NewKey, taken: Iterable<string>): void {
  if (name.trim() === "" || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) {
    throw refused(
      "name",
      `a key needs a name of 1 to ${LONGEST_NAME} letters`,
      "say who or what has it: ci, ada-laptop",
    );
  }
  if (new Set(taken).has(name)) {
    throw refused("name", `there is a key ${name} already`, "choose another name, or revoke that one");
  }
  if (verbs.length === 0) throw refused("verbs", "a key needs a verb", `there are ${VERBS.join(", ")}`);
  for (const verb of verbs) {
    if (VERBS.some((each) => each === verb)) continue;
    const near = nearest(verb, VERBS);
    const mend = near === undefined ? `there are ${VERBS.join(", ")}` : `did you mean ${near}?`;
    throw refused("verbs", `there is no verb ${verb}`, mend);
  }
  if (endpoints !== undefined && (endpoints.length === 0 || endpoints.some((each) => each === ""))) {
    throw refused("endpoints", "the endpoints of a key are names", "leave them away for all");
  }
  if (endpoints !== undefined && verbs.includes("admin")) {
    throw refused(
      "endpoints",
      "a key for admin is for all endpoints: it can make other keys",
      "leave one of both away",
    );
  }
  if (expiresIn !== undefined && !(expiresIn > 0 && expiresIn <= LONGEST_MS)) {
    throw refused("expiresIn", "a key expires between now and in ten years", "leave it away for one that stays");
  }
}

function refused(field: string, message: string, mend: string): LigaseError {
  return new LigaseError("LIGASE_E_KEY", message, { facts: { field }, mend });
}

import { type Hash, hashText } from "../kernel/index.ts";

/** What the key of a call is made of. */
export interface KeyParts {
  /** The task's name, and which version of its code. */
  readonly task: string;
  readonly taskHash: Hash;
  /** Definition and engine; empty for none. */
  readonly image: string;
  /** Of a script its environment, as the codec writes it: part of what it computes. The code of other tasks names theirs. */
  readonly env: string;
  /** Of its arguments. */
  readonly argsHash: Hash;
  /** What keeps calls of other modes apart from normal ones, where it is empty. */
  readonly salt: string;
}

/** The cache key of a call: equal calls have one. */
export function callKey({ task, taskHash, image, env, argsHash, salt }: KeyParts): Hash {
  return hashText(`call\n${task}\n${taskHash}\n${image}\n${env}\n${argsHash}${salt}`);
}

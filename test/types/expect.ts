/** Are these the same type, to the letter? */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Can each be used for the other? */
export type Mutual<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Says that a type is `true`. It runs nothing: the compiler is the test. */
export function is<T extends true>(): T | undefined {
  return undefined;
}

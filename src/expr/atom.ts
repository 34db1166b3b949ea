/**
 * The brand of atoms: classes whose instances are one value, never looked into for lazy parts
 * (a file, a secret). Floors above brand their classes with it, so that this floor need not know
 * them:
 *
 * ```ts
 * class File {
 *   declare readonly [ATOM]: true;
 * }
 * ```
 *
 * It exists at run time only so that it can be imported; no instance need carry it.
 */
export const ATOM: unique symbol = Symbol.for("ligase.atom") as never;

/** An instance of such a class. */
export interface Atom {
  readonly [ATOM]: true;
}

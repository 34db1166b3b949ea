/**
 * The types of the language: what a call returns, what a task accepts, what a body's result
 * becomes. Their cost is budgeted in `bench/types`, their rules are tested in `test/types`.
 *
 * @module
 */
import type { Atom } from "./atom.ts";

/** The key under which an expression keeps the type of its value. It never exists at run time. */
declare const VALUE: unique symbol;

type Primitive = string | number | bigint | boolean | symbol | null | undefined;

/** Any function, for constraints. */
// oxlint-disable-next-line typescript/no-explicit-any -- `never` parameters would refuse generic functions
export type AnyFunction = (...args: any) => unknown;

/** Values that are never looked into for lazy parts. */
export type Opaque =
  | Primitive
  | Atom
  | Date
  | RegExp
  | URL
  | Error
  | Uint8Array
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | AnyFunction;

type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * The part of a lazy value that has no field names of its own: that it stands for a `T`, and that
 * it can be awaited. Functions take this where they only need to know the type of the value;
 * what people hold is an {@link Expr}.
 */
export interface ExprCore<out T> {
  readonly [VALUE]: T;
  then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>;
}

/** The keys of data fields: a method cannot be called on a value that is not there yet. */
type FieldKey<T> = {
  [K in keyof T]-?: K extends "then"
    ? never
    : K extends string | number
      ? NonNullable<T[K]> extends AnyFunction
        ? never
        : K
      : never;
}[keyof T];

type Fields<T> = { readonly [K in FieldKey<T>]-?: Expr<T[K]> };

/** A list whose length is not known yet. */
interface Items<T> {
  readonly [index: number]: Expr<T>;
  readonly length: Expr<number>;
}

/** What can be read off a lazy value without waiting for it. */
type Project<T> =
  IsAny<T> extends true
    ? // oxlint-disable-next-line typescript/no-explicit-any -- what is `any` stays `any`
      any
    : [T] extends [never]
      ? unknown
      : [T] extends [readonly unknown[]]
        ? number extends T["length"]
          ? Items<T[number]>
          : { readonly [K in keyof T]: Expr<T[K]> }
        : [T] extends [Opaque & object]
          ? [T] extends [Atom | Error]
            ? Fields<T>
            : unknown
          : [T] extends [object]
            ? Fields<T>
            : unknown;

/**
 * A value of type `T` that is computed when something needs it. Its fields are lazy values in
 * turn; tuples can be destructured; `await` evaluates it inside a task.
 *
 * @example
 * ```ts
 * const aligned: Expr<{ bam: File; mapped: number }> = align(sample, reference);
 * const bam: Expr<File> = aligned.bam; // nothing has run yet
 * const { mapped } = await aligned; // inside an async body
 * ```
 */
export type Expr<T> = ExprCore<T> & Project<T>;

/**
 * A `T`, any part of which may be lazy: what tasks and combinators accept where they need a `T`.
 *
 * @example
 * ```ts
 * const sample: Lazy<Sample> = { id: "HG00100", reads: trim(reads) };
 * ```
 */
export type Lazy<T> =
  IsAny<T> extends true
    ? // oxlint-disable-next-line typescript/no-explicit-any -- what is `any` stays `any`
      any
    : ExprCore<T> | LazyParts<T>;

type LazyParts<T> = T extends Opaque
  ? T
  : T extends readonly (infer E)[]
    ? number extends T["length"]
      ? readonly Lazy<E>[]
      : { [K in keyof T]: Lazy<T[K]> }
    : T extends object
      ? { [K in keyof T]: Lazy<T[K]> }
      : T;

/**
 * `T` with every lazy part replaced by its value: what becomes of a body's result. A type without
 * lazy parts stays as it is, with its name.
 *
 * @example
 * ```ts
 * type R = Resolved<{ bams: Expr<File>[]; n: number }>; // { bams: File[]; n: number }
 * ```
 */
export type Resolved<T> = [T] extends [Parts<T>] ? ([Parts<T>] extends [T] ? T : Parts<T>) : Parts<T>;

type Parts<T> =
  IsAny<T> extends true
    ? // oxlint-disable-next-line typescript/no-explicit-any -- what is `any` stays `any`
      any
    : T extends ExprCore<infer U>
      ? U
      : T extends PromiseLike<infer U>
        ? Parts<U>
        : T extends Opaque
          ? T
          : T extends (infer E)[]
            ? number extends T["length"]
              ? Parts<E>[]
              : { [K in keyof T]: Parts<T[K]> }
            : T extends object
              ? { [K in keyof T]: Parts<T[K]> }
              : T;

/** The arguments of a call: those of the function, any part of which may be lazy. */
export type LazyArgs<A extends readonly unknown[]> = { [K in keyof A]: Lazy<A[K]> };

/**
 * A task: call it with values or lazy values, and get a lazy value. It is a plain function type,
 * so that the type parameters of generic functions survive.
 *
 * @example
 * ```ts
 * const runTwice = task((step: Task<[number], number>, n: number) => step(step(n)));
 * ```
 */
export type Task<A extends readonly unknown[], R> = (...args: LazyArgs<A>) => Expr<R>;

/** Any task, for constraints. */
// oxlint-disable-next-line typescript/no-explicit-any -- `never` parameters would refuse generic tasks
export type AnyTask = (...args: any) => ExprCore<unknown>;

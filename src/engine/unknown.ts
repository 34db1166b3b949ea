/**
 * What stands in place of a value that is not known, because nothing runs that would compute it. It goes through an
 * expression as a failure does, and is none.
 */
export class Unknown {
  /** What people call the task whose result it would be. */
  readonly of: string;

  constructor(of: string) {
    this.of = of;
  }
}

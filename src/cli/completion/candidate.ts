/** Something that may stand where the cursor is: a word, or a directive for the shell (`:files`, `:dirs`). */
export interface Candidate {
  readonly word: string;
  /** What it is, in a few words. */
  readonly about?: string;
}

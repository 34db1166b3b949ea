/** The environment variable that holds {@link RunSettings} as JSON. */
export const RUN_SETTINGS = "LIGASE_SUBMITTED_RUN";

/** What the process of a run that was handed in as an expression is told when it is started. */
export interface RunSettings {
  /** The folder of the server's project, whose configuration counts. */
  readonly project: string;
  readonly storeDir: string;
  readonly id: string;
  /** Absolute; it never changes. */
  readonly codeDir: string;
  /** The workflow file in it. */
  readonly entry: string;
  /** A file: the expression, as `expr/encode` writes it. */
  readonly expression: string;
  /** A file, where it says what keeps it from beginning: as `errorFacts` writes it. */
  readonly refusal: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly failFast: boolean;
}

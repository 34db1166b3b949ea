import { type ErrorFacts, LigaseError } from "../../kernel/index.ts";

/** What the program says in the variable {@link SESSION_SETTINGS} when it starts the head. */
export interface SessionSettings {
  /** Where it listens. */
  readonly socket: string;
  /** Shows that each of the two is the one that the other means. */
  readonly token: string;
  /** Of the program. */
  readonly pid: number;
}

/** The environment variable that holds {@link SessionSettings} as JSON. */
export const SESSION_SETTINGS = "LIGASE_SESSION";

/** What a Python program says: one JSON text a line. See `python/PROTOCOL.md`. */
export type FromProgram =
  | { readonly ev: "hello"; readonly token: string; readonly executable?: string; readonly functions: unknown }
  | { readonly ev: "functions"; readonly functions: unknown }
  | { readonly ev: "ask"; readonly asked: number; readonly expression: string }
  | { readonly ev: "cancel"; readonly asked: number }
  | { readonly ev: "link"; readonly asked: number; readonly output: string; readonly expires?: string | number | null }
  | { readonly ev: "bye"; readonly error?: ErrorFacts };

/** What the head says to it. */
export type ToProgram =
  | { readonly op: "welcome"; readonly token: string; readonly root: string; readonly storeDir: string }
  | { readonly op: "value"; readonly asked: number; readonly text: string }
  | { readonly op: "error"; readonly asked: number; readonly error: ErrorFacts }
  | { readonly op: "fatal"; readonly error: ErrorFacts };

/**
 * Takes the settings out of the environment: jobs have no business with the token.
 *
 * @throws LigaseError `LIGASE_E_SESSION` where there are none
 */
export function takeSettings(env: NodeJS.ProcessEnv): SessionSettings {
  const text = env[SESSION_SETTINGS];
  delete env[SESSION_SETTINGS];
  let settings: Partial<SessionSettings> | null = null;
  try {
    settings = JSON.parse(text ?? "null") as Partial<SessionSettings> | null;
  } catch {
    // said below
  }
  const { socket, token, pid } = settings ?? {};
  if (typeof socket === "string" && typeof token === "string" && typeof pid === "number") return { socket, token, pid };
  throw new LigaseError("LIGASE_E_SESSION", "python-session is started by the Python package, not by people", {
    mend: "start the program: python app.py",
  });
}

/**
 * The head of programs in Python that were started by `python app.py`: their calls, evaluated. `python/PROTOCOL.md` says how
 * the two speak.
 *
 * It must not know of a command line or a screen.
 *
 * @module
 */
export { type SessionSettings, takeSettings } from "./messages.ts";
export { PythonSession, type SessionHooks } from "./session.ts";

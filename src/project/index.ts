/**
 * A project, opened: its configuration, its store, and an engine with executors when something is
 * to run. What the command line, programs and the server start from. It knows how the floors
 * below fit together, and nothing of who asks.
 *
 * @module
 */
export { noticeOf, notify, type NotifyOptions, type RunNotice, withoutSecrets } from "./notify.ts";
export { openEngine, type EngineHooks, type OpenEngine } from "./open-engine.ts";
export { findProject, openProject, openProjectToRead, type Project } from "./project.ts";
export { gitState } from "./git.ts";

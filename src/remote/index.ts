/**
 * A server, from outside: its management API as types (`api.ts`), a client of it, and the contexts that say which server
 * commands and programs speak to.
 *
 * It must not know stores, engines, or what the server is made of.
 *
 * @module
 */
export type * from "./api.ts";
export { openRemote, Remote, type RemoteOptions } from "./client.ts";
export { jsonLines } from "./lines.ts";
export {
  addContext,
  checkContext,
  type Context,
  type Contexts,
  contextsFile,
  findContext,
  isLoopback,
  LOCAL,
  readContexts,
  remoteFor,
  removeContext,
  selectContext,
} from "./contexts.ts";
export { uploadCode, type UploadFile, type UploadProgress } from "./upload.ts";

/**
 * Reports: all that is worth knowing of one run, as plain data and as one HTML file that needs nothing else.
 *
 * `read/` reads the rows of a run once; each file beside it makes the data of one section of them, and gives
 * advice, lays out the timeline (`timeline/`, `resources/`, `methods/` are made of pure functions); `html/` has
 * one file a section. A part of the server may show the same data in another way.
 *
 * It must not know who asks for a report (no command line, no HTTP), and it changes nothing in the store.
 *
 * @module
 */
export { reportHtml } from "./html/page.ts";
export type { Prices } from "./cost.ts";
export { checkThere, readReport, type Report } from "./report.ts";

/**
 * Where the nodes and edges of a graph lie on a page: layers from top to bottom, boxes within boxes. Pure: sizes go in,
 * coordinates come out, the same for the same graph. `layoutNested` lays out boxes within boxes, with `layoutGraph`
 * for each of them, that with `layoutLayered` for each of its connected parts; the other files are its steps.
 *
 * It must not know what nodes stand for, nor how they are drawn.
 *
 * @module
 */
export { layoutNested, type NestedNode } from "./nested.ts";
export type { LayoutEdge, Route, Size } from "./types.ts";

/**
 * A run, or a workflow file, as a graph: tasks with the states of their jobs, who calls whom, and what flows from where
 * to where. `run/` reads it from the record; `layout/` says where things lie, and `svg/` draws them.
 *
 * It must not know who asks, nor how anything is run; the renderers know the graph alone, not the store.
 *
 * @module
 */
export { graphDot } from "./dot.ts";
export { graphMermaid } from "./mermaid.ts";
export type { Graph, GraphEdge, GraphNode } from "./model.ts";
export { readGraph, type GraphOptions } from "./run/read.ts";
export { graphSvg, type SvgOptions } from "./svg/svg.ts";

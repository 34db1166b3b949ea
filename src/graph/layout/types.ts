/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An edge between nodes, named by their places in the list of nodes. */
export interface LayoutEdge {
  readonly from: number;
  readonly to: number;
  /** Room for a label on it. */
  readonly label?: Size;
}

/** How a graph is laid out. Pixels. */
export interface LayoutOptions {
  /** Between neighbours in a layer. */
  readonly nodeGap: number;
  /** Between layers. */
  readonly layerGap: number;
  /** How wide a graph of several parts should be, for its height. */
  readonly aspect: number;
}

/** The way of an edge: `x0, y0, x1, y1, …` from where it starts to where it ends, and the middle of its label. */
export interface Route {
  readonly points: readonly number[];
  readonly label?: { readonly x: number; readonly y: number };
}

/** Where everything lies. */
export interface Layout extends Size {
  /** The left sides of the nodes. */
  readonly x: Float64Array;
  /** Their upper sides. */
  readonly y: Float64Array;
  /** One for each edge. The route of a loop has no points. */
  readonly routes: readonly Route[];
}

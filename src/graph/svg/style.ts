import type { JobState } from "../../store/types.ts";

/** Colours of a scheme. Text on its ground has a contrast of 4.5 and more (WCAG 2.2 AA), bars one of 3. */
interface Scheme {
  readonly ground: string;
  readonly box: string;
  readonly node: string;
  readonly line: string;
  readonly edge: string;
  readonly text: string;
  readonly quiet: string;
  readonly states: Readonly<Record<JobState, string>>;
}

// The states' colours differ in lightness too, for those who do not see the difference of red and green.
const LIGHT: Scheme = {
  ground: "#ffffff",
  box: "#f6f8fa",
  node: "#ffffff",
  line: "#c4ccd4",
  edge: "#6b7783",
  text: "#1b2026",
  quiet: "#59636e",
  states: {
    done: "#2da44e",
    cached: "#8fb8a0",
    failed: "#c01c28",
    running: "#1f6feb",
    pending: "#a8b1ba",
    cancelled: "#bf8700",
  },
};

const DARK: Scheme = {
  ground: "#14181d",
  box: "#1b2128",
  node: "#242c35",
  line: "#414c58",
  edge: "#8b97a3",
  text: "#e8edf2",
  quiet: "#a3afba",
  states: {
    done: "#3fb950",
    cached: "#5b8069",
    failed: "#ff6b66",
    running: "#58a6ff",
    pending: "#68737e",
    cancelled: "#d9a520",
  },
};

/** The font of all text, and how wide its widest letters of one column are, in ems. */
export const FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";
export const COLUMN_EM = 0.605;

function rules(scheme: Scheme, within: string): string {
  const rule = (selector: string, text: string): string => `${within} ${selector}{${text}}`;
  return [
    rule(".under", `fill:${scheme.box}`),
    rule(".ground", `fill:${scheme.ground}`),
    rule(".box", `fill:${scheme.box};stroke:${scheme.line}`),
    rule(".node", `fill:${scheme.node};stroke:${scheme.line}`),
    rule(".failing", `stroke:${scheme.states.failed}`),
    rule(".edge", `stroke:${scheme.edge}`),
    rule(".head", `fill:${scheme.edge}`),
    rule("text", `fill:${scheme.text}`),
    rule(".quiet", `fill:${scheme.quiet}`),
    ...Object.entries(scheme.states).map(([state, colour]) => rule(`.${state}`, `fill:${colour}`)),
  ].join("");
}

/** The style sheet of a graph. All of it is about what stands below the class `ligase-graph`. */
export function styleSheet(): string {
  const root = ".ligase-graph";
  return [
    `${root} text{font-family:${FONT};white-space:pre}`,
    `${root} .edge{fill:none;stroke-width:1.25}`,
    `${root} .call{stroke-dasharray:4 3}`,
    `${root} .dashed{stroke-dasharray:4 3}`,
    rules(LIGHT, root),
    `@media (prefers-color-scheme:dark){${rules(DARK, root)}}`,
  ].join("");
}

// The architecture check: imports run downward through the floors, and never in a circle. Type-only imports count too:
// a type is knowledge of another part as much as a function is.
//
//     node scripts/check-floors.mjs [folder]      the folder is src by default
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parseSync } from "oxc-parser";

/** From the ground up. Folders on one floor do not know each other. */
const FLOORS = [
  ["kernel"],
  ["config", "expr"],
  ["files"],
  ["store"],
  ["apps", "code", "secrets", "volumes"],
  ["worker"],
  ["images"],
  ["executors"],
  ["engine"],
  ["project", "remote"],
  ["programs", "record"],
  ["graph", "retention"],
  ["report", "archive", "doctor", "testing"],
  ["endpoints", "triggers"],
  ["server"],
  ["cli"],
];

const src = resolve(process.argv[2] ?? "src");

/** Files that stand in `src/` itself are what packages export: they may import anything, and only they each other. */
const TOP = FLOORS.length + 1;

function floorOf(file) {
  const [folder, ...rest] = relative(src, file).split(sep);
  if (rest.length === 0) return TOP;
  const index = FLOORS.findIndex((folders) => folders.includes(folder));
  return index === -1 ? undefined : index + 1;
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** Where a string that a module imports stands: `import`, `export from`, `import()` and `import("…")` in a type. */
function importsOf(file) {
  const text = readFileSync(file, "utf8");
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0].message}`);
  const found = [];
  const pending = [program];
  while (pending.length > 0) {
    const node = pending.pop();
    const source = ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression"].includes(
      node.type,
    )
      ? node.source
      : node.type === "TSImportType"
        ? (node.source ?? node.argument?.literal ?? node.argument)
        : undefined;
    if (typeof source?.value === "string") {
      found.push({ specifier: source.value, line: text.slice(0, source.start).split("\n").length });
    }
    for (const part of Object.values(node).flat()) if (typeof part?.type === "string") pending.push(part);
  }
  return found;
}

function target(file, specifier) {
  const path = resolve(dirname(file), specifier);
  return [path, path.replace(/\.js$/, ".ts")].find((at) => existsSync(at) && statSync(at).isFile());
}

const problems = [];
/** file → files it imports, with the line. */
const graph = new Map();
const name = (file) => relative(dirname(src), file);

for (const file of sources(src)) {
  const floor = floorOf(file);
  const folder = relative(src, file).split(sep)[0];
  if (floor === undefined) {
    problems.push(
      `${name(file)}: the folder ${folder} stands on no floor; add it to FLOORS in scripts/check-floors.mjs`,
    );
    continue;
  }
  const edges = new Map();
  graph.set(file, edges);
  for (const { specifier, line } of importsOf(file)) {
    if (!specifier.startsWith(".")) continue;
    const to = target(file, specifier);
    const at = `${name(file)}:${line}`;
    if (to === undefined) {
      problems.push(`${at}: ${specifier} is not there`);
      continue;
    }
    if (!to.startsWith(src + sep)) {
      if (to.endsWith(".ts")) problems.push(`${at}: ${specifier} lies outside of ${name(src)}`);
      continue;
    }
    if (!edges.has(to)) edges.set(to, line);
    const below = floorOf(to);
    const other = relative(src, to).split(sep)[0];
    if (below === undefined || other === folder) continue;
    if (below > floor) {
      const what = below === TOP ? "a module at the root" : `${other} (floor ${below})`;
      problems.push(`${at}: ${folder} (floor ${floor}) imports ${what}, upward: ${specifier}`);
    } else if (below === floor && floor !== TOP) {
      problems.push(`${at}: ${folder} imports ${other}, which stands on the same floor (${floor}): ${specifier}`);
    }
  }
}

/** Circles: strongly connected components (Tarjan 1972), of each of which one shortest circle is shown. */
function circles() {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const to of graph.get(file)?.keys() ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(file, Math.min(low.get(file), low.get(to)));
    }
    if (low.get(file) !== index.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1 || graph.get(file)?.has(file)) found.push(component);
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found;
}

function shortestCircle(component) {
  const start = component[0];
  const from = new Map([[start, undefined]]);
  const queue = [start];
  for (const file of queue) {
    for (const to of graph.get(file).keys()) {
      if (to === start) {
        const path = [];
        for (let at = file; at !== undefined; at = from.get(at)) path.unshift(at);
        return [...path, start];
      }
      if (component.includes(to) && !from.has(to)) {
        from.set(to, file);
        queue.push(to);
      }
    }
  }
  return component;
}

for (const component of circles()) {
  const circle = shortestCircle(component);
  const steps = circle.slice(0, -1).map((file, i) => `${name(file)}:${graph.get(file).get(circle[i + 1])}`);
  problems.push(`a circle of imports: ${[...steps, name(circle[0])].join(" → ")}`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(
    `\n${problems.length} import${problems.length === 1 ? "" : "s"} against the architecture (see CONTRIBUTING.md, "Floors")`,
  );
  process.exitCode = 1;
} else {
  console.log(`${graph.size} modules import downward only`);
}

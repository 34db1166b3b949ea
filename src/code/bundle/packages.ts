import { isBuiltin } from "node:module";
import { sep } from "node:path";
import type { BuildOptions, Message, OnResolveResult, Plugin } from "esbuild";
import { LigaseError } from "../../kernel/index.ts";
import type { ModuleGraph } from "../modules/graph.ts";

/** What a bundle needs that has packages inside. Those in CommonJS know `require` and where they lie. */
export const PACKED: Pick<BuildOptions, "banner" | "loader" | "sourcesContent"> = {
  banner: {
    js: [
      `import { createRequire as __ligaseRequire } from "node:module";`,
      `var require = __ligaseRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`,
    ].join(" "),
  },
  // A file of a package that it imports as bytes.
  loader: { ".wasm": "binary" },
  // The sources go with it; these here would say where the project lies.
  sourcesContent: false,
};

/** Packages that find the native addon of the one that uses them. */
const FINDERS =
  /^(?:bindings|node-gyp-build|node-gyp-build-optional-packages|(?:@mapbox\/)?node-pre-gyp|node-addon-api)$/;

/**
 * Puts packages into a bundle: all but Node's own modules, and Ligase, which whoever runs the bundle has. A native addon is
 * of one machine, so a package that has one is refused.
 */
export function packagesPlugin(graph: ModuleGraph): Plugin {
  return {
    name: "ligase-packages",
    setup(build) {
      build.onResolve({ filter: /^[^/]/ }, ({ path, importer }): OnResolveResult | undefined => {
        if (path.startsWith("ligase:")) return undefined;
        if (path === "ligase" || path.startsWith("ligase/") || isBuiltin(path)) return { path, external: true };
        if (FINDERS.test(path) || path.endsWith(".node")) return refuse(importer);
        // A package that need not be there: `await import("optional").catch(…)`.
        if (graph.modules.has(importer)) return { path, external: true };
        return undefined;
      });
      build.onLoad({ filter: /\.node$/ }, ({ path }) => refuse(path));
    },
  };
}

function refuse(path: string): { readonly errors: { text: string; detail: { native: string } }[] } {
  return { errors: [{ text: "a native addon", detail: { native: packageOf(path) } }] };
}

/** The package that a file belongs to. */
function packageOf(path: string): string {
  const inside = path.slice(path.lastIndexOf(`${sep}node_modules${sep}`) + "/node_modules/".length).split(sep);
  return inside.slice(0, inside[0]?.startsWith("@") ? 2 : 1).join("/");
}

/** The error of a bundle that has a native addon inside; nothing for other errors. */
export function nativePackage(messages: readonly Message[]): LigaseError | undefined {
  for (const message of messages) {
    const detail: unknown = message.detail;
    if (typeof detail !== "object" || detail === null || !("native" in detail)) continue;
    const name = String(detail.native);
    return new LigaseError(
      "LIGASE_E_NATIVE_PACKAGE",
      `the package ${name} has a native addon, which cannot be uploaded`,
      {
        facts: { package: name },
        mend: `take a package without one, or run a worker that has it: endpoint({ command: [...], image })`,
      },
    );
  }
  return undefined;
}

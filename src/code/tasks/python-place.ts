import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import type { CallExpression } from "oxc-parser";
import { nearest } from "../../kernel/index.ts";
import { literalText } from "../modules/inline.ts";
import type { SourceModule } from "../modules/module.ts";
import { projectPath } from "../modules/root.ts";
import { sourceError } from "../syntax/position.ts";
import { unwrap } from "../syntax/shapes.ts";
import type { FoundTask } from "./found.ts";

/** Where the function of `python("./embed.py", "embed_chunk")` stands. */
export function pythonOf(module: SourceModule, call: CallExpression, root: string): NonNullable<FoundTask["python"]> {
  const [file, name] = call.arguments
    .slice(0, 2)
    .map((one) => (one.type === "SpreadElement" ? undefined : literalText(unwrap(one))));
  if (file === undefined || name === undefined) {
    throw sourceError(
      "LIGASE_E_TASK_BODY",
      "python() takes a file and the name of a function, as literals",
      module,
      call.start,
      {
        mend: 'write python("./embed.py", "embed_chunk")',
      },
    );
  }
  const path = resolve(dirname(module.path), file);
  const at = call.arguments[0]!.start;
  if (!existsSync(path)) {
    const folder = dirname(path);
    const there = existsSync(folder) ? readdirSync(folder).filter((one) => one.endsWith(".py")) : [];
    const near = nearest(basename(path), there);
    throw sourceError("LIGASE_E_NO_FILE", `there is no ${projectPath(root, path)}`, module, at, {
      mend: near === undefined ? "give the path of a Python file, relative to this module" : `did you mean ${near}?`,
      facts: { path, specifier: file },
    });
  }
  const real = realpathSync(path);
  const inside = relative(root, real);
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw sourceError("LIGASE_E_TASK_BODY", `${file} lies outside of the project`, module, at, {
      mend: `move it into the folder of the project, ${root}`,
    });
  }
  return { path: real, function: name };
}

import { hashText } from "../kernel/index.ts";
import type { TaskImpl } from "./task-impl.ts";

/**
 * Makes one of Ligase's own tasks. It is known by its name in every program, and its identity is a
 * version that we change by hand: a new release of Ligase runs nothing again.
 */
export function builtIn(
  name: string,
  version: string,
  doc: string,
  fn: (...args: never) => unknown,
  lifted = false,
): TaskImpl {
  return {
    name,
    options: {},
    fn,
    definition: {
      name,
      closureHash: hashText(`ligase:${name}@${version}`),
      closure: { [`ligase:${name}`]: version },
      file: "",
      line: 0,
      code: "",
      doc,
      exported: false,
      scripted: false,
      parameters: [],
    },
    lifted,
  };
}

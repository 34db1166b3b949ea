import type { Node } from "oxc-parser";
import { literalText } from "../modules/inline.ts";
import { unwrap } from "../syntax/shapes.ts";
import type { Reading } from "./types.ts";
import { derived, itemsOf, join, listOf, NOTHING, project, type Value } from "./value.ts";

/** Reads a call of something that Ligase exports. `task` and `lift` are not among them. */
export function callOfLigase(reading: Reading, name: string, args: readonly Node[]): Value {
  const value = (i: number): Value => (args[i] ? reading.evaluate(args[i]) : NOTHING);
  /** A function given to a combinator is called; anything else is what it would give. */
  const outcome = (i: number, ...given: Value[]): Value => {
    const one = value(i);
    return one.functions || one.tasks ? reading.call(one, given) : one;
  };
  switch (name) {
    case "map": {
      const item = itemsOf(value(0));
      const each = value(1);
      return listOf(reading.each(() => reading.call(each, [item, NOTHING])));
    }
    case "cond":
      value(0);
      return join(
        reading.maybe(() => outcome(1)),
        reading.maybe(() => outcome(2)),
      );
    case "attempt":
      return join(
        value(0),
        reading.maybe(() => outcome(1, NOTHING)),
      );
    case "attemptAll": {
      const list = value(0);
      return join(
        list,
        reading.maybe(() => outcome(1, list)),
      );
    }
    case "reduce": {
      const item = itemsOf(value(0));
      const first = args[2] ? value(2) : item;
      const step = value(1);
      const once = reading.each(() => reading.call(step, [first, item]));
      // Again, so that what one step gives is seen to flow into the next.
      return join(
        first,
        reading.each(() => reading.call(step, [join(first, once), item])),
      );
    }
    case "zip":
      return listOf({ sources: [], fields: new Map(args.map((_, i) => [String(i), itemsOf(value(i))])) });
    case "flatten":
      return listOf(itemsOf(itemsOf(value(0))));
    case "groupBy": {
      const item = itemsOf(value(0));
      const key = derived(outcome(1, item));
      return listOf({
        sources: [],
        fields: new Map([
          ["key", key],
          ["items", listOf(item)],
        ]),
      });
    }
    case "get": {
      const key = args[1] && unwrap(args[1]);
      const text = key && (key.type === "Literal" ? String(key.value) : literalText(key));
      return text === undefined ? derived(value(0)) : project(value(0), text);
    }
    case "local":
      return reading.bodiesOf(value(0));
    case "all":
    case "seq":
    case "withOptions":
    case "run":
    case "spawn":
      return value(0);
    default:
      return derived(...args.map(reading.evaluate));
  }
}

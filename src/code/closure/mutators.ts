/** Methods of the language's own classes that change what they are called on. */
const MUTATORS = new Set(
  "push pop shift unshift splice sort reverse fill copyWithin set add delete clear append setTime".split(" "),
);

/** Methods that do not, so that calling them for nothing is no sign of a change. */
const READERS = new Set(
  "map filter join slice concat find findIndex includes indexOf keys values entries get has toString then catch finally some every at".split(
    " ",
  ),
);

const OBJECT = new Set(
  "assign defineProperty defineProperties setPrototypeOf freeze seal preventExtensions".split(" "),
);
const REFLECT = new Set("set defineProperty deleteProperty setPrototypeOf".split(" "));

/** Functions of packages (lodash and its like) that change their first argument and return it. */
const MERGERS = new Set("merge mergeWith assign assignIn extend defaults defaultsDeep".split(" "));

/** Does a package's function of this name change its first argument? */
export function changesItsArgument(name: string): boolean {
  return MERGERS.has(name);
}

/** Does a method of this name change its object? */
export function isMutator(method: string): boolean {
  return MUTATORS.has(method);
}

/** Does a method of this name leave its object as it was? */
export function isReader(method: string): boolean {
  return READERS.has(method);
}

/** Which arguments a static method of the language changes: the first of `Object.assign`. */
export function mutatedArguments(receiver: string | undefined, method: string): readonly number[] {
  if (receiver === "Object" && OBJECT.has(method)) return [0];
  if (receiver === "Reflect" && REFLECT.has(method)) return [0];
  if ((receiver === "_" || receiver === "lodash") && MERGERS.has(method)) return [0];
  return [];
}

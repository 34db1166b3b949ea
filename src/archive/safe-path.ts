/**
 * Is this a plain relative path, such as archives have: no `..`, no `.`, nothing empty, no backslash, no control
 * character? Others could lead out of the folder that they are unpacked in, here or on another system.
 */
export function isSafePath(path: string): boolean {
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  if (path === "" || path.length > 4096 || /[\\\u0000-\u001f\u007f]/.test(path)) return false;
  return path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && Buffer.byteLength(part) <= 255);
}

/** Is this the place of a file in a store: below the outputs of a call? */
export function isStorePlace(path: string): boolean {
  return isSafePath(path) && /^outputs\/[0-9a-f]{2}\/[0-9a-f]{40}\/./.test(path);
}

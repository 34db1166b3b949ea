/**
 * Hands what user code prints in this process to `print`, line by line: stdout is for the result alone, and whatever
 * goes to the screen unasked would tear the live table.
 *
 * @returns ends it; a last line without an end is printed too
 */
export function divertOutput(print: (line: string) => void): () => void {
  const ends = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write;
    let open = "";
    stream.write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const lines = (open + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"))).split("\n");
      open = lines.pop() ?? "";
      for (const line of lines) print(line);
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") process.nextTick(done);
      return true;
    };
    return () => {
      stream.write = write;
      if (open !== "") print(open);
    };
  });
  return () => {
    for (const end of ends) end();
  };
}

/**
 * What an answer of one JSON a line holds, as it comes.
 *
 * @example
 * ```ts
 * for await (const line of jsonLines<LogLineView>(await remote.fetch("/workers/7k2m/logs?follow=1"))) print(line.text);
 * ```
 */
export async function* jsonLines<T>(response: Response): AsyncGenerator<T> {
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (!body) return;
  const decoder = new TextDecoder();
  let open = "";
  for await (const chunk of body) {
    const lines = (open + decoder.decode(chunk, { stream: true })).split("\n");
    open = lines.pop() ?? "";
    // The types of `api.ts` are what the server and this client agree on.
    for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
  }
  if (open.trim() !== "") yield JSON.parse(open) as T;
}

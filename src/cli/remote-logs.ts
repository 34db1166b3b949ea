import { jsonLines, type LogLineView, type Remote } from "../remote/index.ts";
import type { JsonWanted } from "./commands/command.ts";
import { logPrinter } from "./reports/server-lines.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** How logs are wanted. */
export interface LogsWanted extends JsonWanted {
  readonly follow: boolean;
  /** Lines of several workers stand behind their names. */
  readonly prefix: boolean;
}

/**
 * Prints logs of a server as they come, until they end or the reader has gone.
 *
 * @param path - below `/api/v1`: `/workers/7k2m/logs`
 */
export async function printLogs(
  remote: Remote,
  path: string,
  { follow, prefix, json, jsonl }: LogsWanted,
  terminal: Terminal,
): Promise<void> {
  const lines = jsonLines<LogLineView>(await remote.fetch(`${path}?follow=${follow}`));
  if (json && !jsonl) {
    let before = "[";
    for await (const line of lines) {
      terminal.rawOut(before + JSON.stringify(line));
      before = ",\n";
      await terminal.drained();
    }
    terminal.out(before === "[" ? "[]" : "]");
    return;
  }
  const print = jsonl ? (line: LogLineView) => terminal.out(JSON.stringify(line)) : logPrinter(terminal, { prefix });
  for await (const line of lines) {
    print(line);
    await terminal.drained();
  }
}

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Says what is wrong in a sentence: to people as text, to programs that ask for it as JSON with a code. */
export function problem(c: Context, status: ContentfulStatusCode, code: string, sentence: string): Response {
  c.header("Cache-Control", "no-store");
  const wantsJson = /\bapplication\/(?:problem\+)?json\b/.test(c.req.header("accept") ?? "");
  return wantsJson ? c.json({ error: { code, message: sentence } }, status) : c.text(`${sentence}\n`, status);
}

/**
 * The headers of all answers below `/v2`. They are given where an answer is made: put on afterwards, its body would become a
 * stream, which costs 0.1 ms and more each time.
 */
export const HEADERS = {
  "Content-Type": "application/json",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
} as const;

const GOOD = { headers: HEADERS };

/** An answer of JSON. Good ones have the status 200 and no other: RunPod's JavaScript SDK throws the body of a 201 away. */
export function answer(text: string): Response {
  return new Response(text, GOOD);
}

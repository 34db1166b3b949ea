import type { Answer } from "../../endpoints/queue/types.ts";
import type { JsonObject } from "./json-object.ts";

/** What a worker said in `job-done`. */
export type Said =
  | { readonly kind: "progress"; readonly output: string }
  | { readonly kind: "answer"; readonly answer: Answer; readonly stopPod: boolean };

/** Reads the body of `job-done`, which is JSON of many a form. */
export function readAnswer(body: JsonObject): Said {
  const output = body.text("output") ?? "null";
  if (body.value("status") === "IN_PROGRESS") return { kind: "progress", output };
  const stopPod = body.value("stopPod") === true;
  const error = body.has("error") ? errorText(body) : null;
  if (error !== null) return { kind: "answer", answer: { state: "FAILED", error }, stopPod };
  const expression = body.has("output") ? undefined : body.value("expression");
  if (typeof expression === "string") {
    return { kind: "answer", answer: { state: "EXPRESSION", expression }, stopPod };
  }
  return { kind: "answer", answer: { state: "COMPLETED", output }, stopPod };
}

/** An error as RunPod gives it: a text, which may be JSON in turn; null where there is none. */
function errorText(body: JsonObject): string | null {
  const error = body.value("error");
  if (error === null || error === false || error === "") return null;
  return typeof error === "string" ? error : (body.text("error") ?? null);
}

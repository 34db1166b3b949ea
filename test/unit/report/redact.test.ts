import { expect, it } from "vitest";
import { isSecretName, redact } from "../../../src/report/redact.ts";

it("takes out what opens something, wherever it stands", () => {
  expect(
    redact({
      files: ["https://ada:hunter2@host.org/x.bam?X-Amz-Signature=abc&part=1", "s3://bucket/key"],
      stderr: "GET https://h/x?sig=abc&sv=1 failed",
      command: "ligase run main --api-token abc --reads a.fq --password='x y'",
      args: 'reads: "a.fq", apiKey: "abc", depth: 3',
      nested: { value: '{"clientSecret":"a\\"b","tokenizer":"bert"}' },
    }),
  ).toEqual({
    files: ["https://…@host.org/x.bam?X-Amz-Signature=…&part=1", "s3://bucket/key"],
    stderr: "GET https://h/x?sig=…&sv=1 failed",
    command: "ligase run main --api-token … --reads a.fq --password=…",
    args: 'reads: "a.fq", apiKey: "…", depth: 3',
    nested: { value: '{"clientSecret":"…","tokenizer":"bert"}' },
  });
});

it("leaves numbers, nothing and plain text alone", () => {
  const plain = { a: 1, b: null, c: [true, "SyntaxError: Unexpected token }", "ada@host.org", "a: b"] };
  expect(redact(plain)).toEqual(plain);
});

it("knows secrets by their names", () => {
  expect(["password", "apiToken", "api-key", "AWS_SECRET", "credentials"].every(isSecretName)).toBe(true);
  expect(["tokens", "tokenizer", "reads", "keyboard", "secretary"].some(isSecretName)).toBe(false);
});

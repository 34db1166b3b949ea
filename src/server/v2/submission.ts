import type { LiveEndpoint } from "../../endpoints/index.ts";
import type { Submission } from "../../endpoints/queue/types.ts";
import { checkWebhook } from "../../endpoints/webhooks/index.ts";
import type { InputChecks } from "./validate.ts";
import type { JsonObject } from "./json-object.ts";
import { Refusal } from "./refusal.ts";

/** A week, in milliseconds: nothing is worth running, or runs, for longer. */
const LONGEST = 7 * 24 * 3600 * 1000;
/** Letters of an idempotency key. */
const LONGEST_KEY = 255;

/** What a submission is read with. */
export interface SubmissionRules {
  readonly inputs: InputChecks;
  /** Whom webhooks may reach. */
  readonly webhooks: "public" | "any";
  /** Seals what must not be stored in the clear. */
  readonly seal: (text: string) => Promise<string>;
}

/**
 * Reads the body of `/run` and `/runsync`. Fields that are not known are let be, as RunPod does.
 *
 * @throws Refusal 400 that names the field
 */
export async function readSubmission(
  body: JsonObject,
  endpoint: LiveEndpoint,
  rules: SubmissionRules,
  given: Pick<Submission, "sync" | "submittedBy" | "idempotencyKey">,
): Promise<Submission> {
  const input = body.text("input");
  if (input === undefined) throw new Refusal(400, 'the body has no "input"');
  const check = rules.inputs.for(endpoint);
  const problem = check === null ? undefined : (await check)(JSON.parse(input));
  if (problem !== undefined) throw new Refusal(400, problem);
  return {
    endpoint: endpoint.name,
    sync: given.sync,
    input,
    submittedBy: given.submittedBy,
    idempotencyKey: readKey(given.idempotencyKey),
    webhook: body.has("webhook") ? readWebhook(body.value("webhook"), rules) : undefined,
    policy: body.has("policy") ? readPolicy(body.value("policy")) : undefined,
    s3Config: body.has("s3Config") ? await readS3(body, rules) : undefined,
  };
}

function readKey(key: string | undefined): string | undefined {
  if (key === undefined || key === "") return undefined;
  if (key.length > LONGEST_KEY) throw new Refusal(400, `Idempotency-Key has over ${LONGEST_KEY} letters`);
  return key;
}

function readWebhook(url: unknown, { webhooks }: SubmissionRules): string | undefined {
  // SDKs write null for what was not said.
  if (url === null || url === "") return undefined;
  if (typeof url !== "string") throw new Refusal(400, "webhook must be a URL");
  return checkWebhook(url, webhooks);
}

function readPolicy(said: unknown): Submission["policy"] {
  if (said === null) return undefined;
  if (!isRecord(said)) throw new Refusal(400, "policy must be an object");
  const { lowPriority } = said;
  const executionTimeout = readMs(said, "executionTimeout");
  const ttl = readMs(said, "ttl");
  if (lowPriority !== undefined && lowPriority !== null && typeof lowPriority !== "boolean") {
    throw new Refusal(400, "policy.lowPriority must be true or false");
  }
  return {
    ...(executionTimeout !== undefined && { executionTimeout }),
    ...(ttl !== undefined && { ttl }),
    ...(lowPriority === true && { lowPriority }),
  };
}

function readMs(said: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const ms = said[name];
  if (ms === undefined || ms === null) return undefined;
  if (typeof ms === "number" && Number.isFinite(ms) && ms >= 1 && ms <= LONGEST) return Math.round(ms);
  throw new Refusal(400, `policy.${name} must be milliseconds: a number from 1 to ${LONGEST} (a week)`);
}

async function readS3(body: JsonObject, { seal }: SubmissionRules): Promise<string | undefined> {
  const said = body.value("s3Config");
  if (said === null) return undefined;
  if (!isRecord(said)) throw new Refusal(400, "s3Config must be an object");
  for (const name of ["accessId", "accessSecret", "bucketName", "endpointUrl"]) {
    if (typeof said[name] !== "string") throw new Refusal(400, `s3Config.${name} must be a string`);
  }
  return seal(JSON.stringify(said));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

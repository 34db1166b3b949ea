/**
 * The API of endpoints below `/v2`: RunPod's, for clients (`client.ts`) and for workers (`worker.ts`). Outputs and inputs
 * pass through as the text that they are; `json-object.ts` checks them on the way.
 *
 * It must not know how jobs are queued, or how workers are started.
 *
 * @module
 */
import { Hono } from "hono";
import { openSecrets, takeSecretVariables } from "../../secrets/index.ts";
import type { ServerContext } from "../context.ts";
import type { Asked } from "./body.ts";
import { clientRoutes } from "./client.ts";
import { outputRoutes } from "./output.ts";
import { Refusal, refusalAnswer, refusalOf } from "./refusal.ts";
import { InputChecks } from "./validate.ts";
import { workerRoutes } from "./worker.ts";

/** What secrets of a request are sealed as: it binds them to what they are for. */
const S3 = "s3Config";

/** Everything below `/v2`. */
export function endpointRoutes(context: ServerContext): Hono<Asked> {
  const app = new Hono<Asked>();
  const secrets = openSecrets(context.store, takeSecretVariables(process.env));
  const inputs = new InputChecks(context.log);
  const { pools, deployments } = context.services;
  // A worker is started when something is deployed: by the first job its input can be checked.
  pools.onChange(({ endpoint }) => {
    const live = deployments.live().get(endpoint);
    if (live) void inputs.for(live);
  });
  clientRoutes(app, context, {
    inputs,
    webhooks: context.webhooks ?? "public",
    seal: (text) => secrets.seal(S3, text),
    largestOutput: context.largestOutput,
  });
  workerRoutes(app, context, { unseal: (sealed) => secrets.unseal(S3, sealed) });
  outputRoutes(app, context);
  app.all("*", (c) => refusalAnswer(new Refusal(404, `there is no ${c.req.method} ${c.req.path}`)));
  app.onError((error, c) => refusalAnswer(refusalOf(error, context, `${c.req.method} ${c.req.path}`)));
  return app;
}

/**
 * Webhooks: the status of a job, posted to the URL that came with it when it ends, signed, and twice more when it is not
 * taken. Where a URL may lead is said in `address.ts`.
 *
 * It must not know who asks, nor how jobs are queued.
 *
 * @module
 */
export { checkWebhook, isPublic, type Reach } from "./address.ts";
export { signatureOf } from "./deliver.ts";
export { startWebhooks, WEBHOOK_KEY, type WebhooksOptions } from "./webhooks.ts";

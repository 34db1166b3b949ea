import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Hono } from "hono";
import { isOutputLink } from "../../endpoints/answers/index.ts";
import type { ServerContext } from "../context.ts";
import type { Asked } from "./body.ts";
import { HEADERS } from "./answer.ts";
import { Refusal } from "./refusal.ts";

/** `GET /v2/{endpoint}/output/{id}`: a large output, for whoever has the link to it that a status gave. */
export function outputRoutes(app: Hono<Asked>, { services, storeDir, key, now }: ServerContext): void {
  const { queue } = services;
  app.get("/:endpoint/output/:id", async (c) => {
    const { endpoint, id } = c.req.param();
    const { expires = "", signature = "" } = c.req.query();
    const link = isOutputLink({ endpoint, job: id, expires, signature }, key, now());
    if (link === "forged")
      throw new Refusal(403, "this link is not signed, or was changed: /status gives one that holds");
    if (link === "expired") throw new Refusal(410, "this link has expired: /status gives another");
    const job = await queue.get(id);
    if (job?.state !== "COMPLETED" || job.endpoint !== endpoint) throw new Refusal(404, `there is no output of ${id}`);
    const headers: Record<string, string> = {
      ...HEADERS,
      "Content-Disposition": `attachment; filename="${id.replaceAll(/[^\w-]/g, "_")}.json"`,
      "Cache-Control": "private, no-store",
    };
    if (job.outputFile === null) return new Response(await queue.outputOf(job), { headers });
    const path = join(storeDir, job.outputFile);
    const { size } = await stat(path);
    headers["Content-Length"] = String(size);
    return new Response(Readable.toWeb(createReadStream(path)), { headers });
  });
}

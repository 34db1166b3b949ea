import { VERSION } from "../../kernel/index.ts";
import type { ServerView } from "../../remote/index.ts";
import { type Route, route } from "./route.ts";

/** What the server says of itself. */
export const serverRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/server",
    tag: "Server",
    doc: "What the server is.",
    verb: "read",
    answer: "Server",
    async run(_asked, { url, storeDir, startedAt, services }): Promise<ServerView> {
      return {
        version: VERSION,
        url,
        storeDir,
        startedAt,
        endpoints: services.deployments.live().size,
        memory: process.memoryUsage.rss(),
      };
    },
  }),
];

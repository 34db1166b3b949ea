import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { project } from "./project.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server whose first answer stops halfway until it is let go on. */
async function slowServer(content: string) {
  const asked = Promise.withResolvers<ServerResponse>();
  let answers = 0;
  const server = createServer((_, response) => {
    response.writeHead(200, { etag: '"1"', "content-length": content.length });
    if (answers++ > 0) response.end(content);
    else response.write(content.slice(0, content.length / 2), () => asked.resolve(response));
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const goOn = async (): Promise<void> => void (await asked.promise).end(content.slice(content.length / 2));
  return { host: `127.0.0.1:${port}`, goOn };
}

describe.concurrent("ligase run", () => {
  it("says in a log too what it fetches, while no job runs", async () => {
    const { host, goOn } = await slowServer("ACGT".repeat(1024));
    const p = project({
      "workflow.ts": `
        import { File, task } from "ligase";
        export const main = task(async (reads: File) => (await reads.text()).length);
      `,
    });
    const run = p.start(["run", "workflow.ts", "--reads", `http://${host}/reads.fq`]);
    await run.printed(`fetching 2 KiB of 4 KiB from ${host}`);
    await goOn();
    expect(await run.ended).toMatchObject({ code: 0, stdout: "4096\n" });
  });

  it("says nothing of it with --quiet", async () => {
    const { host, goOn } = await slowServer("ACGT");
    const p = project({
      "workflow.ts": 'import { File, task } from "ligase";\nexport const main = task((reads: File) => reads.text());',
    });
    const run = p.start(["run", "workflow.ts", "--quiet", "--reads", `http://${host}/reads.fq`]);
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await goOn();
    expect(await run.ended).toMatchObject({ code: 0, stdout: "ACGT\n", stderr: "" });
  });
});

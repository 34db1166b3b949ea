import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { answer, ligase } from "../behaviour/command.ts";
import { project } from "../behaviour/project.ts";
import { freePort, Served } from "../behaviour/served.ts";

const KILLS = 20;
const CLIENTS = 4;

// Each time that a job runs its result is another one: a second completion would show.
const APP = `
import { endpoint } from "ligase";
export const work = endpoint(
  async (n: number) => { await new Promise((done) => setTimeout(done, n % 20)); return n + ":" + Math.random(); },
  { maxWorkers: 2, concurrency: 2, maxAttempts: 50 },
);
`;

/** What a client knows of a job that was accepted. */
interface Accepted {
  readonly n: number;
  /** Its result, once the client has seen it. */
  output: string | undefined;
}

it(
  `a server killed with -9 at ${KILLS} random moments loses no job that it accepted, and completes none twice`,
  { timeout: 180_000 },
  async () => {
    const p = project({ "app.ts": APP });
    const port = await freePort();
    let server = await Served.start(p, { port });
    await server.deploy("app.ts");
    // The token of its user is a new one after each start; a key stays.
    const made = JSON.parse(await answer(ligase(p, ["key", "create", "load", "--json"]))) as { key: string };
    const key = { Authorization: `Bearer ${made.key}` };
    const accepted = new Map<string, Accepted>();
    const twice: string[] = [];
    let next = 0;
    let over = false;

    const look = async (id: string, job: Accepted): Promise<void> => {
      const { status, output } = await server.ask(`work/status/${id}`, undefined, key);
      if (job.output !== undefined && (status !== "COMPLETED" || output !== job.output)) twice.push(id);
      if (status === "COMPLETED") job.output ??= String(output);
    };
    const client = async (): Promise<void> => {
      const mine: string[] = [];
      while (!over) {
        const n = next++;
        // A client that does not know whether it was heard asks once more, with the same key.
        const once = randomUUID();
        for (let heard = false; !heard && !over;) {
          try {
            const { id } = await server.ask("work/run", { input: { n } }, { ...key, "Idempotency-Key": once });
            const known = accepted.get(String(id));
            if (known && known.n !== n) throw new Error(`two jobs are called ${String(id)}`);
            accepted.set(String(id), known ?? { n, output: undefined });
            mine.push(String(id));
            heard = true;
            // Looks at one of its jobs now and then: what it has seen once must stay.
            const id2 = mine[Math.floor(Math.random() * mine.length)]!;
            await look(id2, accepted.get(id2)!);
          } catch (error) {
            // The server is gone for a moment.
            if (!(error instanceof TypeError) && !/\b50[03]\b/.test(String(error))) throw error;
            await delay(10);
          }
        }
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, client));
    clients.catch(() => (over = true));
    for (let kills = 0; kills < KILLS && !over; kills++) {
      await delay(50 + Math.random() * 400);
      await server.kill();
      server = await Served.start(p, { port });
    }
    over = true;
    await clients;

    expect(accepted.size).toBeGreaterThan(KILLS);
    const lost: string[] = [];
    for (const [id, job] of accepted) {
      const { status } = await server.ask(`work/status-sync/${id}?wait=30000`, undefined, key);
      if (status !== "COMPLETED") lost.push(`${id}: ${String(status)}`);
      else await look(id, job);
      if (job.output !== undefined && !job.output.startsWith(`${job.n}:`)) lost.push(`${id}: ${job.output}`);
    }
    expect(lost).toEqual([]);
    expect(twice).toEqual([]);
    await server.stop();
  },
);

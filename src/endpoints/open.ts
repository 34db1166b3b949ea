import type { Log } from "../kernel/index.ts";
import type { Project } from "../project/index.ts";
import { openDrivers } from "./calls/index.ts";
import { startRecording } from "./calls/record.ts";
import { openRuns } from "./calls/runs.ts";
import { openDeployments } from "./deployments/index.ts";
import { openKeys } from "./keys/index.ts";
import { createStatistics } from "./metrics/index.ts";
import { createPools } from "./pool/index.ts";
import { openQueue } from "./queue/index.ts";
import type { Services } from "./services.ts";
import { startWebhooks } from "./webhooks/index.ts";

/** What services are opened with. */
export interface ServicesOptions {
  readonly project: Project;
  /** How workers reach the server: its address on this machine, and its Unix socket. */
  readonly address: { readonly url: string; readonly socket: string };
  readonly log: Log;
}

/** Opens all that serves endpoints: what was accepted before is there again. */
export async function openServices({ project, address, log }: ServicesOptions): Promise<Services> {
  const { store } = project;
  const { storeDir } = project.settings;
  const queue = await openQueue({ store, storeDir, log });
  const drivers = openDrivers({ project, log });
  const recording = startRecording({ store, storeDir, queue, drivers, log });
  const pools = createPools({ project, queue, address, log });
  const statistics = createStatistics({ queue, pools });
  const deployments = await openDeployments({ project, queue, pools, log });
  const keys = await openKeys({ store, storeDir });
  const { webhooks: reach, largestOutput } = project.settings.server;
  const webhooks = startWebhooks({ store, storeDir, queue, log, reach, largestOutput });
  const runs = openRuns({ project, deployments, log });
  return {
    queue,
    pools,
    deployments,
    drivers,
    keys,
    statistics,
    runs,
    async close(graceMs) {
      await pools.close(graceMs);
      await recording.close();
      await Promise.all([webhooks.close(), drivers.close(), runs.close(), keys.close()]);
      await queue.close();
    },
  };
}

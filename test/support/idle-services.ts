import type { Deployments, Keys, Services } from "../../src/endpoints/index.ts";
import type { Pools } from "../../src/endpoints/pool/types.ts";
import type { Queue } from "../../src/endpoints/queue/types.ts";

/** Of each part what the server asks for when it starts, and no more. */
interface Idle {
  readonly queue: Partial<Queue>;
  readonly pools: Partial<Pools>;
  readonly deployments: Partial<Deployments>;
  readonly keys: Partial<Keys>;
}

/** The services of a server where nothing is deployed and nobody has a key. */
export function idleServices(): Services {
  const idle: Idle = {
    queue: { listen: () => () => {} },
    pools: { onChange: () => () => {} },
    deployments: { live: () => new Map() },
    keys: { check: () => undefined },
  };
  return idle as unknown as Services;
}

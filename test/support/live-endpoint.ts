import type { EndpointManifest, LiveEndpoint } from "../../src/endpoints/types.ts";

/** An endpoint as it is deployed, with nothing special about it: tests say what they need. */
export const MANIFEST: EndpointManifest = {
  name: "fold",
  kind: "queue",
  doc: "",
  program: { kind: "node", bundle: "app.ts", export: "fold" },
  codeHash: "0".repeat(40),
  input: null,
  parameters: ["n"],
  minWorkers: 0,
  maxWorkers: 1,
  idleTimeout: 5000,
  scaler: { queueDelay: 4 },
  concurrency: 1,
  startTimeout: 300_000,
  executionTimeout: 600_000,
  ttl: 86_400_000,
  maxAttempts: 3,
  maxQueue: 10_000,
  keepResults: 86_400_000,
  cache: false,
  aggregateStream: true,
  requestTimeout: 0,
  public: false,
  resources: { cpu: 0, memory: 0, gpu: 0, gpuKind: null, disk: 0 },
  image: null,
  network: false,
  volumes: [],
  secrets: [],
  env: {},
};

/** The same, live. */
export const LIVE: LiveEndpoint = {
  ...MANIFEST,
  app: "app",
  deployment: "d1",
  version: 1,
  codeDir: "/nowhere",
  bundle: null,
  stopped: false,
};

import { describe, expect, it } from "vitest";
import { endpoint, isEndpoint, isEndpointName, isWebApp, web } from "../../../src/apps/index.ts";
import { LigaseError } from "../../../src/kernel/index.ts";
import { volume } from "../../../src/volumes/volume.ts";

/** What is said of a declaration that cannot be. */
function refusal(declare: () => unknown): { message: string; mend: string | undefined; option: unknown } {
  try {
    declare();
  } catch (error) {
    if (!(error instanceof LigaseError)) throw error;
    expect(error.code).toBe("LIGASE_E_ENDPOINT");
    return { message: error.message, mend: error.mend, option: error.facts["option"] };
  }
  throw new Error("it was taken");
}

describe("endpoint", () => {
  it("keeps the handler and what was said, without what is undefined", () => {
    const handler = (text: string): number => text.length;
    const made = endpoint(handler, { minWorkers: 1, gpu: "A100:2", idleTimeout: 90, name: undefined as never });
    expect(made.handler).toBe(handler);
    expect(made.options).toEqual({ minWorkers: 1, gpu: "A100:2", idleTimeout: 90 });
    expect([isEndpoint(made), isWebApp(made)]).toEqual([true, false]);
  });

  it("is known when another copy of the package made it", () => {
    const foreign = { [Symbol.for("ligase.endpoint")]: true, handler: () => 1, options: {} };
    expect([isEndpoint(foreign), isEndpoint({}), isEndpoint(null), isEndpoint("x")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it.each([
    [{ minWorkers: -1 }, "minWorkers"],
    [{ maxWorkers: 0 }, "maxWorkers"],
    [{ maxWorkers: 1.5 }, "maxWorkers"],
    [{ minWorkers: 4 }, "minWorkers"],
    [{ idleTimeout: "soon" }, "idleTimeout"],
    [{ executionTimeout: "8d" }, "executionTimeout"],
    [{ executionTimeout: 0 }, "executionTimeout"],
    [{ ttl: "8d" }, "ttl"],
    [{ scaler: { queueDelay: -1 } }, "scaler"],
    [{ scaler: { requestCount: 0 } }, "scaler"],
    [{ scaler: { requestCount: 1, queueDelay: 1 } }, "scaler"],
    [{ scaler: { constructor: 1 } }, "scaler"],
    [{ name: "a b" }, "name"],
    [{ name: "-a" }, "name"],
    [{ env: { "1A": "x" } }, "env"],
    [{ env: { A: 1 } }, "env"],
    [{ volumes: { "./weights": volume("weights") } }, "volumes"],
    [{ volumes: { "/a/../b": volume("weights") } }, "volumes"],
    [{ secrets: ["a-b"] }, "secrets"],
    [{ memory: "much" }, "memory"],
    [{ gpu: "2x" }, "gpu"],
    [{ onStart: "now" }, "onStart"],
    [{ concurrency: 0 }, "concurrency"],
    [{ maxQueue: 0 }, "maxQueue"],
  ])("refuses %j, naming the option", (options, option) => {
    const said = refusal(() => endpoint(() => 1, options as never));
    expect(said.option).toBe(option);
    expect(said.message).toContain(option);
    expect(said.mend).toBeTruthy();
  });

  it("says which option was meant", () => {
    expect(refusal(() => endpoint(() => 1, { maxWorker: 2, name: "fold" } as never))).toMatchObject({
      message: 'the options of fold have no "maxWorker"',
      mend: "did you mean maxWorkers?",
    });
    expect(refusal(() => endpoint({ command: ["python"], onStart: () => 1 } as never)).message).toContain("onStart");
  });

  it("takes a program that is somebody's worker, and nothing that answers nothing", () => {
    expect(endpoint({ command: ["python", "-u", "handler.py"] })).toMatchObject({ handler: null });
    expect(refusal(() => endpoint({ command: [] })).option).toBe("command");
    for (const wrong of [undefined, null, 1, {}, { maxWorkers: 1 }]) {
      expect(refusal(() => endpoint(wrong as never)).message).toMatch(/a task, a function or a command/);
    }
  });
});

describe("web", () => {
  it("takes functions, what has fetch, and programs", () => {
    const answer = (): Response => new Response("hello");
    expect(web(answer).handler).toBe(answer);
    expect(isWebApp(web({ fetch: answer }, { public: true }))).toBe(true);
    expect(web({ command: ["serve", "$PORT"], healthPath: "/up" }).options).toMatchObject({ healthPath: "/up" });
  });

  it("refuses what an endpoint may have, and what answers nothing", () => {
    expect(refusal(() => web(() => new Response(), { scaler: { requestCount: 1 } } as never)).option).toBe("scaler");
    expect(refusal(() => web({ command: ["serve"], healthPath: "up" })).option).toBe("healthPath");
    expect(refusal(() => web({ get: () => 1 } as never)).message).toMatch(/what answers a request/);
  });
});

it("knows what may stand in a URL", () => {
  expect(["fold", "a-b-c", "A"].map(isEndpointName)).toEqual([true, true, true]);
  expect(["", "a_b", "a/b", "a.b", "a-", "x".repeat(64)].map(isEndpointName)).toEqual(
    Array.from({ length: 6 }, () => false),
  );
});

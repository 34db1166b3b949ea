import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Fate, Plan } from "../../../src/engine/dry-run/index.ts";
import type { Job, RunSettings } from "../../../src/engine/index.ts";
import { attempt, cond, type Expr, fail, map, seq } from "../../../src/expr/index.ts";
import { openStore } from "../../../src/store/index.ts";
import type { Store } from "../../../src/store/types.ts";
import { bench, Tasks } from "./harness.ts";

// What a dry run says is held against what the run then does, over random workflows and edits.

/** An expression of a body. Tasks are numbered, and a body calls only those with lower numbers. */
type Term =
  | { readonly kind: "param" }
  | { readonly kind: "number"; readonly n: number }
  | { readonly kind: "call"; readonly task: number; readonly argument: Term }
  | { readonly kind: "cond"; readonly test: Term; readonly yes: Term; readonly no: Term }
  | { readonly kind: "map"; readonly length: Term; readonly task: number }
  | { readonly kind: "seq"; readonly items: readonly Term[] }
  | { readonly kind: "attempt"; readonly value: Term; readonly otherwise: Term };

/** A task: what its body adds to the sum of its terms, and what else can be edited. */
interface Body {
  readonly terms: readonly Term[];
  readonly add: number;
  readonly how: "value" | "lazy" | "async" | "failing";
  readonly cache: boolean;
  readonly check: "full" | "shallow";
}

const TASKS = 6;

function term(below: number): fc.Arbitrary<Term> {
  const { tree } = fc.letrec<{ tree: Term }>((tie) => {
    const leaf: fc.Arbitrary<Term>[] = [
      fc.constant({ kind: "param" }),
      fc.nat({ max: 3 }).map((n) => ({ kind: "number", n })),
    ];
    if (below === 0) return { tree: fc.oneof(...leaf) };
    const task = fc.nat({ max: below - 1 });
    return {
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        ...leaf,
        fc.record({ kind: fc.constant("call" as const), task, argument: tie("tree") }),
        fc.record({ kind: fc.constant("call" as const), task, argument: tie("tree") }),
        fc.record({ kind: fc.constant("cond" as const), test: tie("tree"), yes: tie("tree"), no: tie("tree") }),
        fc.record({ kind: fc.constant("map" as const), length: tie("tree"), task }),
        fc.record({ kind: fc.constant("seq" as const), items: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }),
        fc.record({ kind: fc.constant("attempt" as const), value: tie("tree"), otherwise: tie("tree") }),
      ),
    };
  });
  return tree;
}

const HOWS = ["value", "lazy", "lazy", "async", "failing"] as const;

const bodies: fc.Arbitrary<Body[]> = fc.tuple(
  ...Array.from({ length: TASKS }, (_, i) =>
    fc.record<Body>({
      terms: fc.array(term(i), { minLength: 1, maxLength: 3 }),
      add: fc.nat({ max: 3 }),
      how: fc.constantFrom(...(i === TASKS - 1 ? (["lazy", "async"] as const) : HOWS)),
      cache: fc.constantFrom(true, true, true, true, false),
      check: fc.constantFrom("full", "full", "full", "shallow"),
    }),
  ),
);
/** The tasks of a workflow. What runs notes itself as `t3([2])`. */
function program(all: readonly Body[]): { tasks: Tasks; main: (n: number) => unknown; ran: string[] } {
  const tasks = new Tasks();
  const ran: string[] = [];
  const note = <A extends readonly unknown[]>(name: string, args: A): void =>
    void ran.push(`${name}(${JSON.stringify(args)})`);
  const made: ((x: number | Expr<number>) => Expr<number>)[] = [];
  const sum = tasks.define("sum", (parts: number[], add: number) => {
    note("sum", [parts, add]);
    // Small numbers, so that another code often gives the same value.
    return (parts.reduce((a, b) => a + b, 0) + add) % 4;
  });
  const range = tasks.define("range", (n: number) => {
    note("range", [n]);
    return Array.from({ length: n % 3 }, (_, i) => i);
  });
  const total = tasks.define("total", (parts: number[]) => {
    note("total", [parts]);
    return parts.length;
  });

  const build = (tree: Term, x: number): number | Expr<number> => {
    switch (tree.kind) {
      case "param":
        return x;
      case "number":
        return tree.n;
      case "call":
        return made[tree.task]!(build(tree.argument, x));
      case "cond":
        return cond(sum([build(tree.test, x)], 0), build(tree.yes, x), build(tree.no, x));
      case "map":
        return total(map(range(build(tree.length, x)), (item) => made[tree.task]!(item)));
      case "seq":
        return total(seq(tree.items.map((item) => build(item, x))));
      case "attempt":
        return attempt(build(tree.value, x), () => build(tree.otherwise, x));
    }
  };

  all.forEach(({ terms, add, how, cache, check }, i) => {
    const name = `t${i}`;
    const body = {
      value: (x: number): unknown => (x + add) % 4,
      lazy: (x: number): unknown =>
        sum(
          terms.map((tree) => build(tree, x)),
          add,
        ),
      failing: (x: number): unknown => (x % 2 === add % 2 ? fail(`${name} cannot take ${x}`) : x),
      async: async (x: number): Promise<unknown> => {
        let found = x;
        for (const tree of terms) found = (found + (await (build(tree, found) as Expr<number>))) % 4;
        return found + add;
      },
    }[how];
    const noting = (x: number): number => {
      note(name, [x]);
      return body(x) as number;
    };
    // What is edited is the code; whether it is cached, and how it is checked, are options.
    const code = JSON.stringify({ terms, add, how });
    made.push(tasks.define(name, noting, { cache, check }, code) as (typeof made)[number]);
  });
  return { tasks, main: made[TASKS - 1]!, ran };
}

let store: Store | undefined;
afterEach(async () => {
  await store?.close();
  store = undefined;
});

/** A store that says when something but fingerprints is written to it. */
function watched(inner: Store, written: string[]): Store {
  return new Proxy(inner, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        if (["commit", "claim", "release", "registerEngine", "updateEngine"].includes(String(name))) {
          written.push(String(name));
        }
        return Reflect.apply(method, target, args) as unknown;
      };
    },
  });
}

/** How a call is noted when its body runs. */
const noted = (plan: Plan, job: Job): string => `${job.task.name}(${plan.record.values.get(job.argsHash)})`;

test("what it says of random workflows and edits, the run then does", async () => {
  const counted: Record<Fate | "below", number> = { run: 0, may: 0, cached: 0, below: 0 };
  const scenario = fc.record({
    before: bodies,
    after: bodies,
    edited: fc.uniqueArray(fc.nat({ max: TASKS - 1 }), { maxLength: 3 }),
    bumped: fc.uniqueArray(fc.nat({ max: TASKS - 1 }), { maxLength: 2 }),
    argument: fc.nat({ max: 3 }),
    other: fc.boolean(),
    noCache: fc.constantFrom(false, false, false, false, true),
    force: fc.uniqueArray(fc.constantFrom("t0", "t1", "t2", "sum", "range"), { maxLength: 1 }),
    sample: fc.constantFrom(undefined, undefined, 1),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ before, after, edited, bumped, argument, other, noCache, force, sample }) => {
      store = await openStore(":memory:");
      try {
        const first = program(before);
        const engine = await bench(first.tasks, {}, store);
        await engine.run(first.main(argument), { sample }).catch(() => {});
        if (other) await engine.run(first.main((argument + 1) % 4)).catch(() => {});
        await engine.close();

        const now = before.map((body, i) => {
          if (edited.includes(i)) return after[i]!;
          return bumped.includes(i) ? { ...body, add: body.add + 4 } : body;
        });
        const second = program(now);
        const written: string[] = [];
        const again = await bench(second.tasks, {}, watched(store, written));
        written.length = 0;
        const settings: Partial<RunSettings> = { noCache, force: new Set(force), sample };
        const plan = await again.plan(second.main(argument), settings);
        expect(second.ran).toEqual([]);
        expect(written).toEqual([]);

        const run = again.start(second.main(argument), settings);
        await run.result.catch(() => {});
        const ran = new Set(second.ran);
        const jobs = [...run.jobs.values()];
        await again.close();

        // What fails keeps others from running.
        const sound = jobs.every((job) => job.state !== "failed");
        const known = new Map(plan.calls.flatMap((call) => (call.job ? [[noted(plan, call.job), call] as const] : [])));
        const blocked = plan.calls.filter((call) => !call.job);
        for (const [name, { fate, estimate }] of known) {
          if (fate === "cached") expect([...ran]).not.toContain(name);
          if (sound && fate === "run" && !estimate) expect([...ran]).toContain(name);
          counted[fate]++;
        }
        for (const { task, fate, estimate } of blocked) {
          if (sound && fate === "run" && !estimate)
            expect([...ran].map((name) => name.split("(")[0])).toContain(task.name);
        }
        // Whatever ran was said to run, or might have, or is below such a call.
        const mayRun = (job: Job): boolean => {
          const call = plan.calls.find((each) => each.job?.key === job.key);
          if (call) return call.fate !== "cached";
          return blocked.some(({ task }) => task.name === job.task.name);
        };
        for (const job of jobs) {
          if (job.state === "cached" || job.reason === "hit" || job.startedAt === undefined) continue;
          let above: Job | undefined = job;
          while (above && !mayRun(above)) above = above.parent;
          expect({ job: job.task.name, above: above?.task.name }).toEqual({
            job: job.task.name,
            above: expect.any(String),
          });
          if (above !== job) counted.below++;
        }
      } finally {
        await store.close();
        store = undefined;
      }
    }),
    { numRuns: 300 },
  );
  // The workflows are such that all of it happens.
  expect(Object.values(counted).every((count) => count > 50)).toBe(true);
}, 120_000);

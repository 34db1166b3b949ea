import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { enclosureOf, type KeptEnclosure, placeVolumes, readEnclosure, SCRATCH } from "../../executors/index.ts";
import type { TaskOptions } from "../../expr/options.ts";
import type { StagedInput } from "../../files/index.ts";
import type { Environment, ImageEngine } from "../../images/types.ts";
import { LigaseError } from "../../kernel/index.ts";
import type { AttemptRow, JobRow, Store } from "../../store/types.ts";
import { resolveVolumes } from "../../volumes/mounts.ts";

/** Opens the engine of a name; the environments that it has are asked for. */
export type OpenEngine = (name: string) => Promise<Pick<ImageEngine, "list">>;

/** What an attempt in an environment is entered again with. */
export interface Reentry {
  readonly store: Store;
  readonly storeDir: string;
  readonly job: JobRow;
  readonly attempt: AttemptRow;
  /** The work directory. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: readonly StagedInput[];
  /** What its task says today: the record does not hold it. */
  readonly options: Pick<TaskOptions, "network" | "volumes" | "secrets">;
  readonly openEngine: OpenEngine;
}

/**
 * How the environment of an attempt is entered again: as it was, where its directory was kept, otherwise with the volumes
 * and the network that its task asks for today.
 *
 * @throws LigaseError `LIGASE_E_NO_IMAGE` for an environment that was removed
 */
export async function reenter(reentry: Reentry): Promise<KeptEnclosure> {
  const { storeDir, job, attempt, dir, env, inputs, options } = reentry;
  const kept = readEnclosure(dir);
  if (kept) {
    if (kept.environment.engine === "sandbox" && !existsSync(kept.environment.place))
      throw gone(kept.environment.digest);
    return kept;
  }
  const environment = await find(reentry);
  const volumes = resolveVolumes(storeDir, options.volumes ?? {});
  placeVolumes(volumes, dir, true);
  mkdirSync(join(dir, SCRATCH), { recursive: true });
  const { cpu, memory, gpu, disk } = attempt;
  const enclosure = enclosureOf(
    {
      job: job.id,
      attempt: attempt.attempt,
      resources: { cpu: cpu ?? 1, memory: memory ?? 0, gpu: gpu ?? 0, disk: disk ?? 0 },
      gpus: [],
      network: options.network ?? false,
      processes: 0,
      volumes,
      secrets: {},
      workDir: dir,
    },
    { command: [], env, inputs },
  );
  return { environment, enclosure, secrets: options.secrets ?? [] };
}

async function find({ store, attempt, openEngine }: Reentry): Promise<Environment> {
  const digest = attempt.image ?? "";
  const row = await store.getImage(digest);
  if (!row) throw gone(digest);
  const stored = await (await openEngine(row.engine)).list();
  const found = stored.find(({ environment }) => environment.digest === digest);
  if (!found) throw gone(digest);
  return found.environment;
}

function gone(digest: string): LigaseError {
  return new LigaseError("LIGASE_E_NO_IMAGE", `the environment that the job ran in is not here any more`, {
    facts: { digest },
    mend: "ligase image build builds those of a workflow file",
  });
}

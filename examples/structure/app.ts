/**
 * A protein-structure service: an alignment in, a PDB file out. Two back ends stand behind one handler: couplings and a
 * Cα trace, which run on any machine, and AlphaFold, which needs a GPU.
 *
 *     ligase deploy app.ts
 *     node launch.ts --msa data/fn3.sto --output fn3.pdb --endpoint http://127.0.0.1:4747/v2/structure
 *
 * @module
 */
import { endpoint, progress } from "ligase";
import { foldWithAlphaFold } from "./alphafold.ts";
import { predict } from "./predict.ts";

/**
 * Predicts the structure of the first sequence of an alignment.
 *
 * @param msa - the alignment itself: FASTA, A2M, A3M or Stockholm
 * @param name - what to call it in messages
 * @param query - the name of the sequence whose structure is asked for. Default: the first
 * @param backend - `dca`: contacts from couplings, and a Cα trace; `alphafold`: AlphaFold 2, on a GPU
 * @param starts - from how many random places the chain is folded (`dca`)
 * @param seed - the same seed gives the same structure
 */
async function predictStructure(
  msa: string,
  name: string = "alignment",
  query?: string,
  backend: "dca" | "alphafold" = "dca",
  starts: number = 8,
  seed: number = 1,
) {
  const chosen = query === undefined ? {} : { query };
  if (backend === "alphafold") {
    progress({ doing: "AlphaFold", percent: 0 });
    return foldWithAlphaFold(msa, name, chosen, seed);
  }
  return predict(msa, {
    ...chosen,
    name,
    starts,
    seed,
    report: async (doing, fraction) => {
      progress({ doing, percent: Math.round(100 * fraction) });
      // The work is plain computing: let the worker say so, and hear whether the job is cancelled.
      await new Promise((resume) => setImmediate(resume));
    },
  });
}

export const structure = endpoint(predictStructure, {
  maxWorkers: 2,
  idleTimeout: "60s",
  cpu: 1,
  memory: "2 GiB",
  executionTimeout: "30m",
});

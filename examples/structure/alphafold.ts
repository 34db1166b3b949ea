/**
 * The AlphaFold back end: AlphaFold 2 as ColabFold packs it, on a GPU, with its weights on a volume that every worker
 * shares. The tests of this project have no GPU: they run the download of the weights, and nothing that stands after it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { Image, python, volume } from "ligase";
import { type Alignment, readAlignment } from "./alignment/read.ts";
import { writeA3m } from "./alignment/write.ts";

const image = Image.from("ghcr.io/sokrypton/colabfold:1.5.5-cuda12.2.2");

/** What AlphaFold says of a sequence. */
interface AlphaFold {
  /** All atoms, with pLDDT in the B-factor column. */
  readonly pdb: string;
  /** The mean pLDDT, from 0 to 100. */
  readonly plddt: number;
}

/** 3.5 GB of weights are fetched by the first call, and by no other. */
const alphafold = python<(a3m: string, seed: number) => AlphaFold>("./alphafold.py", "predict", {
  image,
  gpu: 1,
  memory: "16 GiB",
  network: true,
  timeout: "2h",
  volumes: { "./weights": volume("alphafold-weights") },
  // It writes to a volume, but all that its result depends on are its arguments.
  cache: true,
});

/** Folds the query of an alignment with AlphaFold. The alignment is read here, so that a bad one costs no GPU. */
export async function foldWithAlphaFold(
  msa: string,
  name: string,
  options: { readonly query?: string },
  seed: number,
): Promise<AlphaFold & Pick<Alignment, "query" | "format" | "columns" | "warnings"> & { readonly sequences: number }> {
  const alignment = readAlignment(msa, { file: name, ...options });
  if (!existsSync("/dev/nvidia0")) {
    throw new Error(
      "the AlphaFold back end needs an NVIDIA GPU, and this machine has none; " +
        'serve it from one that has, or leave the back end out: "dca" runs here',
    );
  }
  const { query, format, columns, warnings, names } = alignment;
  return { ...(await alphafold(writeA3m(alignment), seed)), query, format, columns, warnings, sequences: names.length };
}

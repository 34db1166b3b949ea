/**
 * Plasmids as points in space: records into a volume, sequences into chunks, an embedding of each chunk in a container of
 * its own, the nearest other plasmid of each, and a map to look at.
 *
 *     ligase run workflow.ts main --records data
 *
 * What is computed without a tool is plain code in `lib/`. `app.py` is the same in Python.
 *
 * @module
 */
import { copyFile, rename, writeFile } from "node:fs/promises";
import { type Dir, type File, flatten, Image, map, Output, python, task, volume } from "ligase";
import { type Chunk, split } from "./lib/chunks.ts";
import { spectrum } from "./lib/kmers.ts";
import { drawMap } from "./lib/map.ts";
import { type Embedded, nearestOf, nearestTable } from "./lib/nearest.ts";
import { parseRecords } from "./lib/records.ts";

/** Records by their accession, kept between runs and shared by them. */
const plasmids = volume("plasmids");
/** What a checkpoint weighs is fetched once. */
const models = volume("models");

/** Nothing but a system: Ligase brings the Node that the bodies run in. */
const plain = Image.debian("12");
const torch = Image.debian("12").python("3.11").pip("torch==2.9.1", "transformers==4.57.3");

/** The records among the files of a folder. */
export const listRecords = task((folder: Dir) => folder.files("*.{gb,gbk,embl}"));

/** Puts a record into the volume. */
export const keep = task({ image: plain, volumes: { "./plasmids": plasmids }, cache: true }, async (record: File) => {
  // Whoever reads it meanwhile sees the old one or the new one, never half of it.
  await copyFile(record.path, `plasmids/.${record.name}`);
  await rename(`plasmids/.${record.name}`, `plasmids/${record.name}`);
  return plasmids.file(record.name);
});

/** Fetches a record from NCBI into the volume: at most three at a time, as they ask of whoever has no key. */
export const download = task(
  { image: plain, volumes: { "./plasmids": plasmids }, cache: true, network: true, limits: ["ncbi"], retries: 3 },
  async (accession: string) => {
    const url = new URL("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi");
    url.search = String(new URLSearchParams({ db: "nuccore", id: accession, rettype: "gbwithparts", retmode: "text" }));
    const response = await fetch(url);
    if (!response.ok) throw new Error(`NCBI answers ${response.status} to the accession ${accession}`);
    await writeFile(`plasmids/.${accession}.gb`, await response.text());
    await rename(`plasmids/.${accession}.gb`, `plasmids/${accession}.gb`);
    return plasmids.file(`${accession}.gb`);
  },
);

/** The sequences of a record in chunks. */
export const chunksOf = task(async (record: File, size: number): Promise<Chunk[]> => {
  const found = parseRecords(await record.text(), record.name);
  return found.flatMap(({ id, sequence }) => split(id, sequence, size));
});

/** The embedding of a chunk: its k-mer spectrum. */
export const embed = task({ image: plain, cpu: 1, memory: "512 MiB" }, (chunk: Chunk, k: number): Embedded => ({
  id: chunk.id,
  vector: spectrum(chunk.sequence, k),
}));

/** The embedding of a chunk by a checkpoint of Hugging Face: the mean of its last hidden layer. */
export const embedWithModel = python<(chunk: Chunk, model: string) => Embedded>("./checkpoint.py", "embed", {
  image: torch,
  cpu: 2,
  memory: "8 GiB",
  network: true,
  volumes: { "./models": models },
  cache: true,
});

/** Maps of the plasmids of a record, to look at. */
export const draw = task(async (record: File) => {
  const found = parseRecords(await record.text(), record.name);
  return Promise.all(found.map((plasmid) => Output.write(`${plasmid.id}.svg`, drawMap(plasmid))));
});

/** The nearest other plasmid of each, as a table. */
export const findNearest = task((embedded: readonly Embedded[]) =>
  Output.write("nearest.tsv", nearestTable(nearestOf(embedded))),
);

/**
 * Embeds plasmids, and finds the nearest of each.
 *
 * @param records - a folder of GenBank and EMBL records
 * @param accessions - more of them, by their accessions at NCBI
 * @param chunk - bases of a chunk
 * @param k - the length of the words that are counted
 * @param model - a checkpoint of Hugging Face, such as InstaDeepAI/nucleotide-transformer-v2-50m-multi-species, in place
 *   of counting words
 */
export const main = task(
  (records: Dir, accessions: string[] = [], chunk: number = 3000, k: number = 4, model: string = "") => {
    const kept = flatten([map(listRecords(records), keep), map(accessions, download)]);
    const chunks = flatten(map(kept, (record) => chunksOf(record, chunk)));
    const embedded = map(chunks, (each) => (model === "" ? embed(each, k) : embedWithModel(each, model)));
    return { nearest: findNearest(embedded), maps: flatten(map(kept, draw)) };
  },
);

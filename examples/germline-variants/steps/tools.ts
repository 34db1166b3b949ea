/**
 * The software of all steps, as one image: what is in it is recorded with each result, `ligase image lock` pins it.
 *
 * @module
 */
import { Image } from "ligase";

/** Debian's builds of the tools. */
export const tools = Image.debian("12").apt("bwa", "samtools", "bcftools", "tabix", "fastp");

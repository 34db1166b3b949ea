import { defineConfig } from "ligase";

/** NCBI asks those without a key for at most three requests at a time. */
export default defineConfig({ limits: { ncbi: 3 } });

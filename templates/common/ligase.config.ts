import type { Config } from "ligase";

export default {
  // How much of this machine local jobs may use; by default nearly all of it.
  // cpus: 8,
  // memory: "16 GiB",
} satisfies Config;

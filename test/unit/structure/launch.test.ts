import { fileURLToPath } from "node:url";
import { describe } from "vitest";
import { launchTests } from "./launching.ts";

describe("launch.ts", () => {
  launchTests(process.execPath, fileURLToPath(new URL("../../../examples/structure/launch.ts", import.meta.url)));
});

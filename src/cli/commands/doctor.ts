import { homedir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../config/index.ts";
import {
  examine,
  type Examined,
  type Finding,
  GROUPS,
  knownHere,
  thisMachine,
  type Wanted,
} from "../../doctor/index.ts";
import { LigaseError } from "../../kernel/index.ts";
import { findProject } from "../../project/project.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columnsOf, wrap } from "../terminal/text.ts";
import { defineCommand, JSON_OUT, printJson } from "./command.ts";

const MARKS = {
  found: ["✓", "good"],
  absent: ["–", "dim"],
  wrong: ["✗", "bad"],
} as const satisfies Record<Finding["state"], readonly [string, string]>;

/** `ligase doctor` */
export const doctor = defineCommand(
  {
    usage: "doctor",
    about: [
      "Shows what this machine has for the project around here: container engines and which of them auto picks, what images are built with, whether jobs can be held to their limits, disks, memory, GPUs, and programs; and of what is missing how to get it.",
      "Exits with 1 only when something is missing that the configuration asks for. It changes nothing.",
    ],
    examples: ["ligase doctor", "ligase doctor --profile cluster", "ligase doctor --json | jq .engine"],
    options: {
      profile: { type: "text", value: "<profile>", doc: "with the settings of this profile" },
      ...JSON_OUT,
    },
  },
  {},
  async ({ options }, terminal) => {
    const { wanted, problem } = await wantedBy(findProject(process.cwd()), options.profile);
    const examined = await examine(thisMachine(), await knownHere(wanted), wanted);
    const findings = problem === undefined ? examined.findings : [problem, ...examined.findings];
    const ok = examined.ok && problem === undefined;
    const { engine, why } = examined.picked;
    if (options.jsonl) printJson(options, findings, terminal);
    else if (!printJson(options, { ok, engine: { asked: wanted.engine, picked: engine, why }, findings }, terminal)) {
      print({ ok, picked: examined.picked, findings }, wanted, terminal);
    }
    return ok ? 0 : 1;
  },
);

/** What the configuration asks for; one that cannot be read is a finding, for what else is wrong is to be seen too. */
async function wantedBy(
  root: string,
  profile: string | undefined,
): Promise<{ readonly wanted: Wanted; readonly problem?: Finding }> {
  const load = async (file: string) => {
    const { importModule } = await import("../../code/index.ts");
    return importModule(file, join(root, ".ligase", "code"));
  };
  try {
    const { containerEngine, gpus, storeDir, imagesDir } = await readConfig(root, load, {
      environment: process.env,
      profile,
    });
    return { wanted: { engine: containerEngine, gpus: gpus ?? 0, storeDir, imagesDir } };
  } catch (error) {
    if (!(error instanceof LigaseError) || error.facts["exitCode"] === 2) throw error;
    const { message: says, mend = null } = error;
    const storeDir = join(root, ".ligase");
    return {
      wanted: { engine: "auto", gpus: 0, storeDir, imagesDir: join(homedir(), ".cache", "ligase", "images") },
      problem: { group: "Project", name: "configuration", state: "wrong", says, mend, needed: true },
    };
  }
}

function print({ ok, picked, findings }: Examined, { engine }: Wanted, terminal: Terminal): void {
  const { out, note, styleOut, style, proseWidth } = terminal;
  const width = Math.max(...findings.map(({ name }) => columnsOf(name)));
  const indent = width + 6;
  const says = (text: string): readonly string[] => wrap(text, Math.max(24, proseWidth - indent));
  for (const [i, group] of GROUPS.filter((each) => findings.some((finding) => finding.group === each)).entries()) {
    if (i > 0) out("");
    out(styleOut("strong", group));
    for (const { name, state, says: text, mend } of findings.filter((finding) => finding.group === group)) {
      const [mark, colour] = MARKS[state];
      const [first = "", ...rest] = says(text);
      out(`  ${styleOut(colour, mark)} ${name.padEnd(width)}  ${first}`);
      for (const line of rest) out(" ".repeat(indent) + line);
      // Whole, so that it can be copied.
      if (mend !== null) out(`${" ".repeat(indent)}${styleOut("accent", mend)}`);
    }
    if (group === "Container engines") {
      const what =
        picked.engine === null ? "nothing is picked" : `${engine === "auto" ? "auto picks " : ""}${picked.engine}`;
      for (const [at, line] of wrap(`${what}: ${picked.why}`, proseWidth - 4).entries()) {
        out(`  ${at === 0 ? "→" : " "} ${line}`);
      }
    }
  }
  const missing = findings.filter(({ needed, state }) => needed && state !== "found").map(({ name }) => name);
  note("");
  if (ok) note(style("good", "all that the configuration asks for is there"));
  else note(style("bad", `the configuration asks for what is not there: ${missing.join(", ")}`));
}

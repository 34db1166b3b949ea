/**
 * The text of a project of many modules, as people write them: types, constants, helpers that use helpers of modules
 * before them, comments, and a task in every second one.
 *
 * @param modules - how many, the workflow file not counted
 */
export function syntheticProject(modules: number): Record<string, string> {
  const files: Record<string, string> = {};
  const tasks: number[] = [];
  for (let i = 0; i < modules; i++) {
    const used = [...new Set([i >> 1, i - 1, (i * 7) % Math.max(i, 1)])].filter((other) => other >= 0 && other < i);
    const path = (other: number): string => `../part${Math.floor(other / 20)}/m${other}.ts`;
    const hasTask = i % 2 === 0;
    if (hasTask) tasks.push(i);
    files[`part${Math.floor(i / 20)}/m${i}.ts`] = [
      ...(hasTask ? ['import { task } from "ligase";'] : []),
      ...used.map((other) => `import { clean${other}, type Read${other} } from "${path(other)}";`),
      "",
      `/** A read as module ${i} sees it. */`,
      `export interface Read${i} {\n  name: string;\n  bases: string;\n  qualities: readonly number[];\n}`,
      "",
      `const threshold${i} = ${20 + (i % 15)};`,
      `const alphabet${i} = new Set(["A", "C", "G", "T"${i % 3 === 0 ? ', "N"' : ""}]);`,
      "",
      `// Bases below the threshold are masked.`,
      `function mask${i}(read: Read${i}): string {`,
      `  return [...read.bases].map((base, at) => ((read.qualities[at] ?? 0) < threshold${i} ? "N" : base)).join("");`,
      `}`,
      "",
      `/** The part of a read that can be believed. */`,
      `export function clean${i}(read: Read${i}): string {`,
      `  const masked = mask${i}(read);`,
      ...used.map((other) => `  const of${other} = clean${other}({ ...read, bases: masked } satisfies Read${other});`),
      `  const kept = [...masked].filter((base) => alphabet${i}.has(base));`,
      `  return ${["kept.join('')", ...used.map((other) => `of${other}`)].join(" + ")};`,
      `}`,
      ...(hasTask
        ? [
            "",
            `/** Counts what is left in module ${i}. */`,
            `export const count${i} = task((read: Read${i}) => clean${i}(read).length);`,
          ]
        : []),
      "",
    ].join("\n");
  }
  files["workflow.ts"] = [
    'import { task } from "ligase";',
    ...tasks.map((i) => `import { count${i} } from "./part${Math.floor(i / 20)}/m${i}.ts";`),
    "",
    "export const main = task((name: string) => {",
    '  const read = { name, bases: "GATTACA", qualities: [30, 31, 12, 35, 36, 37, 38] };',
    `  return [${tasks.map((i) => `count${i}(read)`).join(", ")}];`,
    "});",
    "",
  ].join("\n");
  return files;
}

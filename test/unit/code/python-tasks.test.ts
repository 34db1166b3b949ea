import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadProgram } from "../../../src/code/index.ts";
import { analysed, changed, project, write } from "./support/project.ts";

const FILES = {
  "workflow.ts": `import { python, task } from "ligase";
/** Not this. */
export const embed = python<(chunk: string) => number[]>("./py/embed.py", "embed_chunk", { cpu: 2, name: "embedding" });
export const tools = { length: python("./py/embed.py", "length") };
export const main = task((chunk: string) => [embed(chunk), tools.length(chunk)]);
`,
  "py/embed.py":
    'from kmers import K\ndef embed_chunk(chunk: str):\n    """Embed."""\n    return [K]\ndef length(chunk):\n    return len(chunk)\n',
  "py/kmers.py": "K = 3\n",
};

describe("python()", () => {
  it("is a task that is called after its variable, and takes the rest from Python", () => {
    const { definitions } = analysed(FILES);
    expect(definitions.map(({ name, file, line, doc, exported }) => ({ name, file, line, doc, exported }))).toEqual([
      { name: "embedding", file: "py/embed.py", line: 2, doc: "Embed.", exported: true },
      { name: "tools.length", file: "py/embed.py", line: 5, doc: "", exported: true },
      { name: "main", file: "workflow.ts", line: 5, doc: "", exported: true },
    ]);
    expect(definitions[0]).toMatchObject({
      python: { module: "py/embed.py", function: "embed_chunk" },
      parameters: [{ name: "chunk", type: { kind: "string" } }],
    });
    expect(Object.keys(definitions[0]!.closure)).toEqual(["py/embed.py#embed_chunk", "py/kmers.py#K"]);
    expect(Object.keys(definitions[2]!.closure)).toEqual(["task:embedding", "task:tools.length", "workflow.ts#main"]);
  });

  it("counts its Python, and those that call it do not", () => {
    expect(changed(FILES, { "py/kmers.py": "K = 4\n" })).toEqual(["embedding"]);
    expect(changed(FILES, { "workflow.ts": FILES["workflow.ts"].replace("cpu: 2", "cpu: 4") })).toEqual([]);
  });

  it("is loaded with where it stands, and anew when its Python has changed or another file takes a name", async () => {
    const root = project(FILES);
    const load = () => loadProgram(join(root, "workflow.ts"));
    const first = await load();
    expect(first.tasks.get("embedding")).toMatchObject({
      name: "embedding",
      options: { cpu: 2 },
      python: { module: "py/embed.py", function: "embed_chunk" },
    });
    expect(first.assets.map(({ path }) => path)).toEqual(["py/embed.py", "py/kmers.py"]);
    expect((await load()).id).toBe(first.id);
    write(root, { "py/kmers.py": "K = 4\n" });
    const second = await load();
    expect(second.id).not.toBe(first.id);
    expect(second.tasks.get("embedding")?.definition?.closureHash).not.toBe(
      first.tasks.get("embedding")?.definition?.closureHash,
    );
    // A package takes precedence over the module of its name.
    write(root, { "py/kmers/__init__.py": "K = 5\n" });
    expect((await load()).id).not.toBe(second.id);
  });

  it.each([
    ['python("./py/embd.py", "f")', "there is no py/embd.py", "did you mean embed.py?"],
    ['python("./py/embed.py", "lenght")', "py/embed.py has no function lenght", "did you mean length?"],
    ['python("./py/embed.py")', "python() without a function", 'write python("./embed.py", "embed_chunk")'],
    ['python("./py/" + "embed.py", "length")', "as literals", 'write python("./embed.py", "embed_chunk")'],
    [
      'python("../../../../etc/hostname", "f")',
      "lies outside of the project",
      "move it into the folder of the project",
    ],
  ])("refuses %s", (call, message, mend) => {
    const workflow = `import { python } from "ligase";\nexport const bad = ${call};\n`;
    expect(() => analysed({ ...FILES, "workflow.ts": workflow })).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message), mend: expect.stringContaining(mend) }),
    );
  });

  it("stands where tasks stand", () => {
    const inside = `import { python } from "ligase";\nexport const f = () => python("./py/embed.py", "length");\n`;
    expect(() => analysed({ ...FILES, "workflow.ts": inside })).toThrow(
      expect.objectContaining({ code: "LIGASE_E_TASK_PLACE" }),
    );
  });

  it("cannot be called within the process", async () => {
    const program = await loadProgram(join(project(FILES), "workflow.ts"));
    const { fn } = program.tasks.get("embedding")!;
    expect(fn).toThrow(expect.objectContaining({ code: "LIGASE_E_PYTHON" }));
  });
});

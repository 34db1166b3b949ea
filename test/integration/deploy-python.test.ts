import { expect, it } from "vitest";
import { project } from "../cli/project.ts";
import { describeWith } from "../support/needs.ts";

const APP = `from ligase import endpoint
from lib.shouting import shout


@endpoint(max_workers=2)
def shout_it(text: str, times: int = 2) -> str:
    """Shouts."""
    return shout(text) * times


@endpoint
def words(text: str):
    for word in text.split():
        yield word
`;

describeWith({ programs: ["python3"] })("ligase deploy app.py", () => {
  it(
    "brings functions with the files of their project, and takes back what does not import",
    { timeout: 90_000 },
    async () => {
      const here = project({
        "pyproject.toml": `[project]\nname = "demo"\n`,
        "app.py": APP,
        "lib/__init__.py": "",
        "lib/shouting.py": "def shout(text):\n    return text.upper()\n",
        ".ligaseignore": "data/\n",
        "data/large.txt": "stays here",
      });
      const server = here.start(["serve", "--port", "0"]);
      await server.printed("serving ");
      const url = /at (http:\S+)/.exec(server.said())?.[1] ?? "";
      const job = async (endpoint: string, input: unknown): Promise<unknown> => {
        const response = await fetch(`${url}/v2/${endpoint}/runsync`, {
          method: "POST",
          headers: { Authorization: `Bearer ${here.read(".ligase/server.token").trim()}` },
          body: JSON.stringify({ input }),
        });
        const { output, error } = (await response.json()) as { output?: unknown; error?: unknown };
        return output ?? error;
      };
      const told = await here.ok("deploy", "app.py");
      expect(told).toMatch(/\+ shout-it\n\s+input\s+\{ text: string, times\?: integer \}\n\s+workers\s+0 to 2/);
      expect(await job("shout-it", { text: "ab" })).toBe("ABAB");
      expect(await job("words", { text: "a b" })).toEqual(["a", "b"]);
      expect(await job("shout-it", { times: 2 })).toContain("text");

      here.edit("lib/shouting.py", "upper", "title");
      const { sources } = await here.json<{ sources: string[] }>("deploy", "app.py:shout_it");
      expect(sources).toContain(here.path("lib/shouting.py"));
      expect(sources).not.toContain(here.path("data/large.txt"));
      expect(await job("shout-it", { text: "ab" })).toBe("AbAb");
      // The other endpoint of the app is what it was.
      const endpoints = await here.json<{ name: string; version: number }[]>("endpoint", "ls");
      expect(endpoints.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual(["shout-it 2", "words 1"]);

      // It can be imported here, and not in a worker.
      here.append("app.py", `\nimport os\nif "trees" in __file__:\n    raise ImportError("no weights")\n`);
      const broken = await here.run("deploy", "app.py");
      expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining("no weights") });
      expect(await job("shout-it", { text: "ab" })).toBe("AbAb");
      here.append("app.py", "\n)");
      const wrong = await here.run("deploy", "app.py");
      expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("SyntaxError") });
      server.child.kill("SIGTERM");
      expect((await server.ended).code).toBe(0);
    },
  );
});

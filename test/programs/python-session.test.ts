import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PythonSession, takeSettings } from "../../src/programs/python/index.ts";

const APP = `from ligase import function

@function
def add(a: int, b: int = 1) -> int:
    return a + b
`;

interface Said {
  readonly op: string;
  readonly asked?: number;
  readonly text?: string;
  readonly error?: { readonly code?: string; readonly message: string };
  readonly [fact: string]: unknown;
}

/** A Python program as the head sees it: what it says is written here by hand. */
async function program(app = APP) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ligase-session-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, ".ligase"));
  const file = join(root, "app.py");
  writeFileSync(file, app);
  const token = randomBytes(8).toString("hex");
  const server = createServer();
  server.listen(join(root, "s"));
  await once(server, "listening");
  const session = new PythonSession(file, ["python", "app.py"]);
  const served = session.serve({ socket: join(root, "s"), token, pid: process.pid });
  const [socket] = (await once(server, "connection")) as [Socket];
  const heard: Said[] = [];
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) heard.push(JSON.parse(line) as Said);
  });
  server.close();
  const say = (message: object): void => void socket.write(`${JSON.stringify(message)}\n`);
  const hear = async (holds: (said: Said) => boolean): Promise<Said> => {
    for (;;) {
      const found = heard.find(holds);
      if (found) return found;
      if (socket.closed) throw new Error(`it hung up, having said ${JSON.stringify(heard)}`);
      await Promise.race([once(socket, "data"), once(socket, "close")]);
    }
  };
  const described = (name: string, options: object = {}) => ({
    name,
    module: "app.py",
    function: name,
    file,
    line: 3,
    doc: null,
    options,
  });
  const hello = (functions: readonly object[] = [described("add")]): void =>
    say({ ev: "hello", token, program: file, python: "3.11.4", functions });
  const ask = (asked: number, name: string, ...args: unknown[]): void =>
    say({
      ev: "ask",
      asked,
      expression: JSON.stringify({ $: "expr", nodes: [["call", name, args]], value: { $: "node", v: 0 } }),
    });
  return { root, token, socket, session, served, say, hear, hello, ask, described };
}

describe("the head of a Python program", () => {
  it("says first who it is, and ends when the program says goodbye", async () => {
    const { hear, hello, say, served, token, root } = await program();
    expect(await hear(({ op }) => op === "welcome")).toEqual({
      op: "welcome",
      token,
      root,
      storeDir: join(root, ".ligase"),
    });
    hello();
    say({ ev: "bye" });
    await served;
  });

  it("ends when the program hangs up, before it has said anything too", async () => {
    const { socket, served, hear } = await program();
    await hear(({ op }) => op === "welcome");
    socket.destroy();
    await expect(served).resolves.toBeUndefined();
  });

  it("ends when somebody else speaks", async () => {
    const { say, served } = await program();
    say({ ev: "hello", token: "guessed", functions: [] });
    await expect(served).resolves.toBeUndefined();
  });

  it("answers with an error what cannot be evaluated, and goes on", async () => {
    const { hear, hello, ask, say, served } = await program();
    hello();
    ask(1, "ad", 1);
    expect((await hear(({ asked }) => asked === 1)).error).toMatchObject({ code: "LIGASE_E_NO_TASK" });
    say({ ev: "ask", asked: 2, expression: "{ half" });
    expect((await hear(({ asked }) => asked === 2)).op).toBe("error");
    say({ ev: "link", asked: 3, output: "1" });
    expect((await hear(({ asked }) => asked === 3)).error).toMatchObject({ code: "LIGASE_E_LINK" });
    say({ ev: "cancel", asked: 9 });
    say({ ev: "bye" });
    await served;
  });

  it.each([
    [
      "a function that its source does not show",
      (one: object) => [{ ...one, function: "made" }],
      "LIGASE_E_NO_PYTHON_FUNCTION",
    ],
    ["an option that there is not", (one: object) => [{ ...one, options: { memroy: 1 } }], "LIGASE_E_OPTION"],
    ["what it does not understand", () => [{ name: 1 }], "LIGASE_E_PYTHON"],
  ])("gives up on %s", async (_, functions, code) => {
    const { hear, hello, served, described } = await program();
    hello(functions(described("add")));
    expect((await hear(({ op }) => op === "fatal")).error).toMatchObject({ code });
    await served;
  });

  it("gives up on what is no JSON", async () => {
    const { hear, socket, served } = await program();
    socket.write("GET / HTTP/1.1\r\n\r\n");
    expect(await hear(({ op }) => op === "fatal")).toHaveProperty("error");
    await served;
  });

  it("takes its settings out of the environment", () => {
    const env = { LIGASE_SESSION: '{"socket":"/s","token":"t","pid":1}' };
    expect(takeSettings(env)).toEqual({ socket: "/s", token: "t", pid: 1 });
    expect(env).toEqual({});
    for (const text of [undefined, "{}", "no JSON", "null"]) {
      expect(() => takeSettings({ LIGASE_SESSION: text })).toThrow(
        expect.objectContaining({ code: "LIGASE_E_SESSION" }),
      );
    }
  });
});

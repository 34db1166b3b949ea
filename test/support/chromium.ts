import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** What the browser sends by itself. */
interface Event {
  readonly method: string;
  readonly sessionId?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** How a page is looked at. */
export interface PageOptions {
  readonly width: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** False to see what is there without JavaScript. */
  readonly scripts?: boolean;
}

/**
 * A browser without a screen and without a network beyond this machine, spoken to by the DevTools protocol over two pipes
 * (https://chromedevtools.github.io/devtools-protocol/).
 */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #listeners = new Set<(event: Event) => void>();
  #id = 0;

  constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), "ligase-chromium-"));
    const flags = [
      "--headless",
      // CI is root in a container.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--hide-scrollbars",
      "--remote-debugging-pipe",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      `--user-data-dir=${this.#profile}`,
    ];
    this.#child = spawn("chromium", flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    let text = "";
    // With these settings of `stdio` the fifth is a stream that can be read.
    (this.#child.stdio[4] as Readable).setEncoding("utf8").on("data", (piece: string) => {
      const messages = (text + piece).split("\0");
      text = messages.pop()!;
      for (const message of messages) this.#take(JSON.parse(message) as Event | Answer);
    });
    this.#child.once("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("chromium ended"));
    });
  }

  /** Opens a page and waits until it has been loaded. */
  async open(url: string, { width, height = 1000, dark = false, scripts = true }: PageOptions): Promise<Page> {
    const { targetId } = await this.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId, targetId);
    const loaded = Promise.withResolvers<void>();
    this.#listeners.add((event) => {
      if (event.sessionId !== sessionId) return;
      page.heard(event.method, event.params);
      if (event.method === "Page.loadEventFired") loaded.resolve();
    });
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await page.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
    });
    if (!scripts) await page.send("Emulation.setScriptExecutionDisabled", { value: true });
    await page.send("Page.navigate", { url });
    await loaded.promise;
    return page;
  }

  send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++this.#id;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    // With these settings of `stdio` the fourth is a stream that can be written.
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    // What it answers is for the caller to know.
    return waiting.promise as Promise<T>;
  }

  #take(message: Event | Answer): void {
    if ("method" in message) for (const listen of this.#listeners) listen(message);
    else {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) waiting?.reject(new Error(message.error.message));
      else waiting?.resolve(message.result);
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    void this.send("Browser.close").catch(() => {});
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A page of a browser. */
export class Page {
  /** What the page complained of: exceptions, errors and warnings on the console, violations of its policy. */
  readonly problems: string[] = [];
  /** The addresses that it asked for. */
  readonly requests: string[] = [];
  readonly #browser: Chromium;
  readonly #session: string;
  readonly #target: string;

  constructor(browser: Chromium, session: string, target: string) {
    this.#browser = browser;
    this.#session = session;
    this.#target = target;
  }

  send<T>(method: string, params?: object): Promise<T> {
    return this.#browser.send<T>(method, params, this.#session);
  }

  /** What an expression gives in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression);
    return result.value;
  }

  /** Moves the mouse to the middle of what a selector finds, and presses its button if asked to. */
  async point(selector: string, click = false): Promise<void> {
    const at = await this.evaluate<{ x: number; y: number }>(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)});
      found.scrollIntoView({ block: "center" });
      const { x, y, width, height } = found.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", ...at });
    if (!click) return;
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, ...at, button: "left", clickCount: 1 });
    }
  }

  heard(method: string, params: Readonly<Record<string, unknown>>): void {
    if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") this.problems.push(JSON.stringify(params));
    if (method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(String(params["type"]))) {
      this.problems.push(JSON.stringify(params["args"]));
    }
    const { request } = params as { request?: { url?: string } };
    if (method === "Network.requestWillBeSent" && request?.url !== undefined) this.requests.push(request.url);
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.closeTarget", { targetId: this.#target });
  }
}

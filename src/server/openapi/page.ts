import type { JsonSchema } from "../../code/parameters/index.ts";
import type { LiveEndpoint } from "../../endpoints/index.ts";
import { VERSION } from "../../kernel/index.ts";
import { type Html, html, trusted } from "../../report/html/html.ts";
import { type Route, ROUTES, SCHEMAS } from "../api/index.ts";
import { type Call, CALL_SCHEMAS, CALLS } from "./calls.ts";
import type { Described } from "./document.ts";
import { exampleOf, isSchema } from "./example.ts";
import { STYLE } from "./page-style.ts";

/** What the page is made of. */
export interface Shown extends Described {
  /** Did somebody show a key? */
  readonly isKnown: boolean;
  /** What was wrong with it. */
  readonly problem?: string | undefined;
}

/** Nothing is loaded from anywhere, no script runs, and the form leads nowhere else. */
export const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** The page that explains how the server is called. */
export function documentationPage(shown: Shown): string {
  const { url, endpoints } = shown;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Ligase: what there is to call</title>
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the text</a>
        <div class="wrap">
          <header>
            <p class="over">Ligase ${VERSION}</p>
            <h1>What there is to call</h1>
            <p class="lead">
              The server at <code>${url}</code>. For programs the same stands in
              <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).
            </p>
          </header>
          <nav aria-label="Sections">
            <ol>
              <li><a href="#key">Key</a></li>
              <li><a href="#endpoints">Endpoints</a></li>
              <li><a href="#calls">Calls of an endpoint</a></li>
              <li><a href="#management">Management</a></li>
              <li><a href="#schemas">Schemas</a></li>
            </ol>
          </nav>
          <main id="main">
            ${keySection()} ${endpointsSection(shown)} ${callsSection(url, endpoints)} ${managementSection(url)}
            ${schemasSection()}
          </main>
        </div>
      </body>
    </html> `;
  return page.toString();
}

function keySection(): Html {
  return html`<section id="key">
    <h2>Key</h2>
    <p>
      Every call needs a key: <code>Authorization: Bearer &lt;key&gt;</code>. The user of the server makes one with
      <code>ligase key create &lt;name&gt;</code>; commands and programs of that user on the same machine need none. The
      examples take it from the environment:
    </p>
    ${code("export LIGASE_API_KEY=lgs_…")}
  </section>`;
}

function endpointsSection({ url, endpoints, isKnown, problem }: Shown): Html {
  return html`<section id="endpoints">
    <h2>Endpoints</h2>
    ${isKnown && endpoints.length === 0 && html`<p class="none">Nothing is deployed that this key may read.</p>`}
    ${
      !isKnown &&
      html`<p>Which endpoints there are, this page shows to who has a key. It is kept nowhere.</p>
        <form method="post" action="/docs#endpoints">
          <label for="show">Key</label>
          <input id="show" name="key" type="password" autocomplete="off" required spellcheck="false" />
          <button>Show endpoints</button>
          ${problem !== undefined && html`<span class="bad" role="alert">${problem}</span>`}
        </form>`
    }
    ${endpoints.map((endpoint) => endpointArticle(endpoint, url))}
  </section>`;
}

function endpointArticle(endpoint: LiveEndpoint, url: string): Html {
  const { name, kind, doc, version, app, input, stopped } = endpoint;
  const example = exampleOf(input ?? {});
  return html`<article id="endpoint-${name}">
    <h3>
      ${name} <small>${kind === "web" ? "web app" : "endpoint"} of ${app}, version ${version}</small>
      ${stopped && html`<b class="bad">stopped</b>`}
    </h3>
    ${doc !== "" && html`<p>${doc}</p>`}
    ${
      kind === "web"
        ? code(curl("GET", `${url}/web/${encodeURIComponent(name)}/`))
        : html`
            <h4>Input</h4>
            ${input === null ? html`<p class="none">Any JSON.</p>` : fieldsTable(input)}
            <h4>Try it</h4>
            ${code(curl("POST", `${url}/v2/${encodeURIComponent(name)}/runsync`, { input: example }))}
            <details>
              <summary>From Python and JavaScript</summary>
              ${code(pythonSnippet(name, url, example))} ${code(javascriptSnippet(name, url, example))}
            </details>
          `
    }
  </article>`;
}

function callsSection(url: string, endpoints: readonly LiveEndpoint[]): Html {
  const name = endpoints.find(({ kind }) => kind === "queue")?.name ?? "fold";
  return html`<section id="calls">
    <h2>Calls of an endpoint</h2>
    <p>
      They are those of RunPod's API, so that its clients work as they are. A job goes from <code>IN_QUEUE</code> to
      <code>IN_PROGRESS</code>, and ends as <code>COMPLETED</code>, <code>FAILED</code>, <code>CANCELLED</code> or
      <code>TIMED_OUT</code>.
    </p>
    ${CALLS.map((call) => callDetails(call, name, url))}
  </section>`;
}

function callDetails(call: Call, endpoint: string, url: string): Html {
  const { method, path, doc, verb, query, submits, answer } = call;
  return details(method, `/v2/{endpoint}${path}`, doc, [
    html`<p class="quiet">For keys that may ${verb}. ${answerText(answer)}</p>`,
    query && queryTable(query),
    code(
      curl(
        method,
        `${url}/v2/${encodeURIComponent(endpoint)}${path.replace("{id}", "$JOB")}`,
        submits ? { input: {} } : undefined,
      ),
    ),
  ]);
}

function managementSection(url: string): Html {
  const tags = [...new Set(ROUTES.map(({ tag }) => tag))];
  return html`<section id="management">
    <h2>Management</h2>
    <p>What the commands of ligase call. Errors are <a href="#schema-Error">Error</a>, with a code that stays.</p>
    ${tags.map((tag) => [
      html`<h3>${tag}</h3>`,
      ROUTES.filter((route) => route.tag === tag).map((route) => routeDetails(route, url)),
    ])}
  </section>`;
}

function routeDetails({ method, path, doc, verb, query, body, answer }: Route, url: string): Html {
  const named = body === undefined || body === "bytes" ? undefined : body;
  const address = `${url}/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)}`;
  const sent = named === undefined ? undefined : named === "Manifest" ? "@manifest.json" : exampleOf(SCHEMAS[named]);
  return details(method, `/api/v1${path}`, doc, [
    html`<p class="quiet">
      For keys that may ${verb}. ${named !== undefined && html`Takes ${link(named)}. `}${answerText(answer)}
    </p>`,
    query && queryTable(query),
    code(curl(method, address, body === "bytes" ? "@file" : sent)),
  ]);
}

function details(method: string, path: string, doc: string, content: readonly (Html | undefined)[]): Html {
  return html`<details>
    <summary><b class="method ${method.toLowerCase()}">${method}</b> <code>${path}</code> <span>${doc}</span></summary>
    ${content}
  </details>`;
}

function answerText(answer: Route["answer"] | Call["answer"]): Html {
  if (answer === "nothing") return html`Answers nothing (204).`;
  if (typeof answer === "string") return html`Answers ${link(answer)}.`;
  if ("lines" in answer) return html`Answers ${link(answer.lines)}, one JSON a line, as they come.`;
  return html`Answers a list of ${link(answer[0])}.`;
}

function schemasSection(): Html {
  return html`<section id="schemas">
    <h2>Schemas</h2>
    ${Object.entries<JsonSchema>({ ...SCHEMAS, ...CALL_SCHEMAS }).map(
      ([name, schema]) =>
        html`<article id="schema-${name}">
          <h3>${name}</h3>
          ${typeof schema["description"] === "string" && html`<p>${schema["description"]}</p>`} ${fieldsTable(schema)}
        </article>`,
    )}
  </section>`;
}

function link(schema: string): Html {
  return html`<a href="#schema-${schema}">${schema}</a>`;
}

function queryTable(query: NonNullable<Route["query"]>): Html {
  return html`<table>
    <caption>
      Query
    </caption>
    ${Object.entries(query).map(
      ([name, { doc, schema }]) =>
        html`<tr>
          <th scope="row"><code>${name}</code></th>
          <td>${typeText(schema)}</td>
          <td>${doc}</td>
        </tr>`,
    )}
  </table>`;
}

/** The fields of an object, those of objects in it below them. */
function fieldsTable(schema: JsonSchema): Html {
  const rows = rowsOf(schema, "", 0);
  if (rows.length === 0) return html`<p class="quiet">${typeText(schema)}</p>`;
  return html`<table>
    ${rows}
  </table>`;
}

const DEEPEST = 3;

function rowsOf(schema: JsonSchema, before: string, depth: number): Html[] {
  const { properties, required } = schema;
  if (!isSchema(properties) || depth > DEEPEST) return [];
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  return Object.entries(properties).flatMap(([name, each]) => {
    if (!isSchema(each)) return [];
    const { description, default: usual, items } = each;
    const inner = isSchema(items)
      ? rowsOf(items, `${before}${name}[].`, depth + 1)
      : rowsOf(each, `${before}${name}.`, depth + 1);
    const row = html`<tr>
      <th scope="row"><code>${before}${name}</code>${!needed.has(name) && html`<small> optional</small>`}</th>
      <td>${typeText(each)}${usual !== undefined && html`<small> = ${JSON.stringify(usual)}</small>`}</td>
      <td>${typeof description === "string" && description}</td>
    </tr>`;
    return [row, ...inner];
  });
}

/** What a schema allows, in a few words. */
function typeText(schema: JsonSchema): string {
  const { type, enum: values, const: only, anyOf, oneOf, items, format, additionalProperties } = schema;
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  const choices: unknown = anyOf ?? oneOf;
  if (Array.isArray(choices)) return choices.map((each: unknown) => (isSchema(each) ? typeText(each) : "")).join(" | ");
  if (type === "array") return `list of ${isSchema(items) ? typeText(items) : "anything"}`;
  if (type === "object" && isSchema(additionalProperties)) return `${typeText(additionalProperties)} by name`;
  if (typeof type === "string") return typeof format === "string" ? `${type} (${format})` : type;
  return Array.isArray(type) ? type.join(" | ") : "anything";
}

function code(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

/** @param body - an object to be sent as JSON, or the name of a file behind `@` */
function curl(method: string, address: string, body?: unknown): string {
  const lines = [
    `curl ${method === "GET" ? "" : `-X ${method} `}"${address}"`,
    '-H "Authorization: Bearer $LIGASE_API_KEY"',
  ];
  if (typeof body === "string") lines.push(`--data-binary ${body}`);
  else if (body !== undefined) {
    lines.push('-H "Content-Type: application/json"', `-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`);
  }
  return lines.join(" \\\n  ");
}

function pythonSnippet(name: string, url: string, example: unknown): string {
  return [
    "import os, runpod  # pip install runpod",
    "",
    `runpod.endpoint_url_base = ${JSON.stringify(`${url}/v2`)}`,
    'runpod.api_key = os.environ["LIGASE_API_KEY"]',
    `print(runpod.Endpoint(${JSON.stringify(name)}).run_sync({"input": ${pythonText(example)}}))`,
  ].join("\n");
}

/** JSON as Python writes it. */
function pythonText(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}: ${pythonText(each)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}

function javascriptSnippet(name: string, url: string, example: unknown): string {
  return [
    'import runpodSdk from "runpod-sdk"; // npm install runpod-sdk',
    "",
    `const server = runpodSdk(process.env.LIGASE_API_KEY, { baseUrl: ${JSON.stringify(`${url}/v2`)} });`,
    `console.log(await server.endpoint(${JSON.stringify(name)}).runSync({ input: ${JSON.stringify(example)} }));`,
  ].join("\n");
}

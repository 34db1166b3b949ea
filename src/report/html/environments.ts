import { short } from "../../record/short.ts";
import type { HeldTo, ReportedEnvironment } from "../environments.ts";
import type { Report } from "../report.ts";
import { type Content, html, type Html } from "./html.ts";
import { count, facts, type Section, table } from "./parts.ts";

/** The section with the environments that tasks ran in. None where no task had one. */
export function environmentsSection({ environments: { used, outside }, summary }: Report): Section | undefined {
  if (used.length === 0) return undefined;
  return {
    id: "environments",
    title: "Environments",
    body: [
      ...used.map(environment),
      outside.length > 0 &&
        html`<p class="note">
          ${count(
            outside.reduce((sum, { attempts }) => sum + attempts, 0),
            "attempt",
          )}
          ran with the tools of the machine, in no environment.
        </p>`,
      html`<p class="note">
        <code>ligase log ${short(summary.id)} --columns task,image,limits</code> lists them by job.
      </p>`,
    ],
  };
}

function environment(each: ReportedEnvironment): Html {
  const { title, engine, identity, digest, reference, lock, named, packages, tasks, held } = each;
  const versions = named.filter(({ version }) => version !== undefined);
  return html`<article class="environment">
    <h3>${title}</h3>
    ${facts([
      ["Used by", tasks.join(", ")],
      ["Engine", engineText(engine)],
      ["Contents", digest !== "" && html`<code class="hash">${digest}</code>`],
      ["Stands on", reference !== null && html`<code>${reference}</code>`],
      ["Definition", html`<code class="hash">${identity}</code>${lock !== null && html`, locked`}`],
      ["Limits", held.length > 0 && held.map((one, i) => [i > 0 && "; ", heldText(one, held.length > 1)])],
    ])}
    ${
      versions.length > 0 &&
      table(`Packages that ${title} names`, versions, [
        { title: "Package", head: true, cell: ({ name }) => name },
        { title: "Version installed", cell: ({ version }) => version ?? "" },
        { title: "By", cell: ({ manager }) => manager },
      ])
    }
    ${allPackages(packages)}
  </article>`;
}

function engineText(engine: string): Content {
  if (engine !== "host") return engine;
  return html`host <span class="warn">(the tools of the machine stood for it)</span>`;
}

function heldText({ limits, attempts }: HeldTo, several: boolean): Content {
  const many = several ? ` (${count(attempts, "attempt")})` : "";
  if (limits === null) return `not recorded${many}`;
  if (limits.length === 0) return html`<span class="warn">none enforced${many}</span>`;
  return `${limits.map((limit) => (limit === "cpu" ? "CPU" : limit)).join(", ")}${many}`;
}

function allPackages(packages: ReportedEnvironment["packages"]): Content {
  const managers = Object.entries(packages).map(([manager, all]) => [manager, Object.entries(all)] as const);
  const total = managers.reduce((sum, [, all]) => sum + all.length, 0);
  if (total === 0) return undefined;
  return html`<details>
    <summary>${count(total, "package")} installed in all</summary>
    ${managers.map(
      ([manager, all]) =>
        html`<h4>${manager}</h4>
          <p class="packages">${all.map(([name, version]) => html`<span class="tag">${name} ${version}</span> `)}</p>`,
    )}
  </details>`;
}

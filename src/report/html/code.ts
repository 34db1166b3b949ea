import type { Report } from "../report.ts";
import { html } from "./html.ts";
import { count, facts, type Section, table } from "./parts.ts";

/** The section with the versions of the code. */
export function codeSection({ code }: Report): Section {
  const { gitCommit, gitDirty, program, tasks, modules } = code;
  return {
    id: "code",
    title: "Code",
    body: html`${facts([
      [
        "Commit",
        gitCommit && html`<code>${gitCommit}</code>${gitDirty && html` <span class="warn">with local changes</span>`}`,
      ],
      ["Snapshot", program && html`<code>${program}</code>`],
    ])}
    ${
      tasks.length === 0
        ? html`<p class="quiet">No task of the project had a job.</p>`
        : table("Tasks", tasks, [
            { title: "Task", head: true, cell: ({ name }) => name },
            { title: "Where", cell: ({ file, line }) => html`<code class="id">${file}:${line}</code>` },
            {
              title: "Version",
              cell: ({ hash }) => html`<code class="id" title="${hash}">${hash.slice(0, 12)}</code>`,
            },
            { title: "What it does", cell: ({ doc }) => doc },
          ])
    }
    ${
      modules.length > 0 &&
      html`<details>
        <summary>${count(modules.length, "module")} in the snapshot</summary>
        ${table("Modules", modules, [
          { title: "Module", head: true, cell: ({ path }) => html`<code>${path}</code>` },
          { title: "Hash of its text", cell: ({ hash }) => html`<code class="hash">${hash}</code>` },
        ])}
      </details>`
    }`,
  };
}

import { formatBytes } from "../../kernel/index.ts";
import { short } from "../../record/short.ts";
import type { FileLine, FileList } from "../files.ts";
import type { Report } from "../report.ts";
import { type Content, html, type Html } from "./html.ts";
import { bytes, type Column, count, NOTHING, type Section, table } from "./parts.ts";

/** So many files are shown at once; the others can be unfolded. */
const SHOWN = 30;

/** The section with what the run read and what it gave. */
export function filesSection({ files: { inputs, outputs }, summary }: Report): Section {
  const handedOut = outputs.files.some(({ isOutput }) => isOutput);
  return {
    id: "files",
    title: "Inputs and outputs",
    body: [
      list("Inputs", inputs, "The run read no files from outside."),
      list("Outputs", outputs, "The result of the run has no files in it."),
      handedOut &&
        html`<p class="quiet">
          <code>ligase serve</code> and <code>ligase outputs ${short(summary.id)}</code> give links to what was handed
          out.
        </p>`,
    ],
  };
}

/** A path that is too long breaks between its folders. */
function breakable(path: string): Content {
  return path.split(/(?<=\/)/).map((step, i) => (i === 0 ? step : html`<wbr />${step}`));
}

const COLUMNS: readonly Column<FileLine>[] = [
  { title: "Path", head: true, cell: ({ path, isDir }) => html`<code>${breakable(path)}${isDir && "/"}</code>` },
  { title: "Size", number: ({ size }) => size, cell: ({ size }) => bytes(size) },
  { title: "SHA-256", cell: ({ hash }) => (hash === null ? NOTHING : html`<code class="hash">${hash}</code>`) },
];

function list(title: string, { count: all, bytes: size, files }: FileList, nothing: string): Html {
  if (all === 0)
    return html`<h3>${title}</h3>
      <p class="quiet">${nothing}</p>`;
  const hidden = files.slice(SHOWN);
  const unlisted = all - files.length;
  return html`<h3>${title} <small>${count(all, "file")}, ${formatBytes(size)}</small></h3>
    ${table(title, files.slice(0, SHOWN), COLUMNS)}
    ${
      hidden.length > 0 &&
      html`<details>
        <summary>${count(hidden.length, "more file")}</summary>
        ${table(`More ${title.toLowerCase()}`, hidden, COLUMNS)}
      </details>`
    }
    ${unlisted > 0 && html`<p class="quiet">${count(unlisted, "more file")} not listed here.</p>`}`;
}

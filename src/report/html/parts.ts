import { formatBytes, formatDuration } from "../../kernel/index.ts";
import { type Content, html, type Html } from "./html.ts";

/** A section of the page: its anchor, its heading and what is in it. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Content;
}

/** A column of a table. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => Content;
  /** What the column is sorted by; makes it a column of numbers. */
  readonly number?: (row: T) => number | null;
  /** It names the row. */
  readonly head?: boolean;
}

/** A table that scrolls in itself where it is too wide. Its columns can be sorted where there is JavaScript. */
export function table<T>(label: string, rows: readonly T[], columns: readonly Column<T>[]): Html {
  const heads = columns.map(({ title, number }) => html`<th scope="col" ${number && html` class="n"`}>${title}</th>`);
  const lines = rows.map(
    (row) =>
      html`<tr>
        ${columns.map((column) => cellOf(column, row))}
      </tr> `,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="sort">
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </div>`;
}

function cellOf<T>({ cell, number, head }: Column<T>, row: T): Html {
  if (head) return html`<th scope="row">${cell(row)}</th>`;
  return number === undefined
    ? html`<td>${cell(row)}</td>`
    : html`<td class="n" data-v="${number(row) ?? -1}">${cell(row)}</td>`;
}

/** Facts with their names; those without a value are left out. */
export function facts(pairs: readonly (readonly [string, Content])[]): Html {
  const known = pairs.filter(([, value]) => !isNothing(value));
  return html`<dl class="facts">
    ${known.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div> `,
    )}
  </dl>`;
}

function isNothing(value: Content): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === undefined || value === "" || value === false;
}

/** A moment, by the clock of the machine that makes the report. */
export function moment(time: number): Html {
  const date = new Date(time);
  const offset = -date.getTimezoneOffset();
  const local = new Date(time + offset * 60_000).toISOString();
  const two = (n: number): string => String(Math.floor(Math.abs(n))).padStart(2, "0");
  const zone = `${offset < 0 ? "−" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
  return html`<time datetime="${date.toISOString()}">${local.slice(0, 10)} ${local.slice(11, 19)} ${zone}</time>`;
}

/** What stands for what is not known. */
export const NOTHING: Html = html`<span class="none">–</span>`;

/** A duration, or that it is not known. */
export const duration = (ms: number | null): Content => (ms === null ? NOTHING : formatDuration(ms));
/** An amount of bytes, or that it is not known. */
export const bytes = (size: number | null): Content => (size === null ? NOTHING : formatBytes(size));
/** A number with its thousands set apart. */
export const number = (n: number): string => n.toLocaleString("en");
/** A number with what it counts: `1 job`, `1,200 jobs`. */
export const count = (n: number, what: string): string => `${number(n)} ${what}${n === 1 ? "" : "s"}`;
/** A part of a whole, for people. */
export const percent = (part: number): string => `${part > 0 && part < 0.01 ? "<1" : Math.round(100 * part)} %`;

/** A part of a whole as a bar beside its figure. */
export function gauge(part: number | null, text: Content, bad = false): Content {
  if (part === null) return text;
  const width = Math.max(0, Math.min(100, 100 * part)).toFixed(0);
  return html`<span class="gauge${bad && " bad"}" aria-hidden="true"><i style="width:${width}%"></i></span>${text}`;
}

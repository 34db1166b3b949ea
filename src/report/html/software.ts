import type { Report } from "../report.ts";
import { html } from "./html.ts";
import { facts, type Section, table } from "./parts.ts";

/** The section with the versions of tools and packages. */
export function softwareSection({ software }: Report): Section {
  const { tools, packages } = software;
  return {
    id: "software",
    title: "Software",
    body: html`${facts([
      ["Ligase", software.ligase],
      ["Node.js", software.node],
      ["npm packages", packages.map(({ name, version }) => html`<span class="tag">${name} ${version}</span> `)],
    ])}
    ${
      tools.length > 0 &&
      table("Tools", tools, [
        { title: "Tool", head: true, cell: ({ name }) => name },
        { title: "Version", cell: ({ versions }) => versions.join(", ") },
        { title: "Called by", cell: ({ tasks }) => tasks.join(", ") },
      ])
    }`,
  };
}

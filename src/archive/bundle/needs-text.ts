import type { Need, Needs } from "./needs.ts";

/** What is needed and not in a bundle, for its README; empty where nothing is. */
export function needsText(needs: Omit<Needs, "container"> & { readonly left: readonly string[] }): string {
  const { environments, volumes, secrets, left } = needs;
  const parts: string[] = [];
  if (environments.length > 0) {
    const isHost = environments.every(({ engine }) => engine === "host");
    const lines = environments.map(({ title, engine, packages, tasks, digest }) => {
      const versions = Object.entries(packages).map(([name, version]) => `${name.split(" ")[1]} ${version}`);
      const held = [versions.join(", "), digest === "" ? "" : `\`${digest}\``].filter((text) => text !== "");
      return `- ${title} (${engine || "engine not recorded"}), for ${tasks.join(", ")}${held.length > 0 ? `: ${held.join("; ")}` : ""}`;
    });
    parts.push(
      "## Environments",
      isHost
        ? "Tasks name these environments, and the tools of the machine stood for them:"
        : "Tasks run in these environments, which are made when they are first needed. That takes a network, unless they are there\nalready, and an engine: `node workflow/node_modules/ligase/bin/ligase doctor` says what works here and what is missing. Where\nthe engine of then does not, another one may: `node verify.mjs --container docker`.",
      lines.join("\n"),
    );
  }
  if (volumes.length > 0) {
    parts.push(
      "## Volumes",
      "These volumes were mounted. They are not in the bundle: put their content into `volumes/<name>/` beside this file.",
      listed(volumes, (name) => `\`volumes/${name}/\``),
    );
  }
  if (secrets.length > 0) {
    parts.push(
      "## Secrets",
      "These secrets are needed. Their values are nowhere in the bundle: set them as variables of the environment.",
      listed(secrets, (name) => `\`LIGASE_SECRET_${name}\``),
    );
  }
  if (left.length > 0) {
    parts.push(
      "## Left out",
      "These files were beside the code and are not in the bundle, because they may be secret, are large, or lie elsewhere:",
      left.map((path) => `- \`${path}\``).join("\n"),
    );
  }
  return parts.length === 0 ? "" : `\n\n${parts.join("\n\n")}`;
}

function listed(needs: readonly Need[], nameOf: (name: string) => string): string {
  return needs.map(({ name, tasks }) => `- ${nameOf(name)}, for ${tasks.join(", ")}`).join("\n");
}

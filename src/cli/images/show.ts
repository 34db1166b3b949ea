import { formatBytes } from "../../kernel/index.ts";
import { titleOf } from "../../images/build/title.ts";
import type { StoredEnvironment } from "../../images/types.ts";
import { count } from "../terminal/count.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { columns, wrap } from "../terminal/text.ts";
import { ago } from "../terminal/when.ts";

/** An environment for a program. */
export function factsOf({ environment, image, builtAt, usedAt, size }: StoredEnvironment, here: boolean): object {
  const { engine, identity, digest, place, env, packages, resolved } = environment;
  return {
    identity,
    engine,
    title: titleOf(image.settled()),
    digest,
    resolved: resolved ?? null,
    place,
    size,
    builtAt,
    usedAt,
    usedHere: here,
    env,
    packages,
    definition: image.toJSON(),
  };
}

/** A list of environments. */
export function listLines(
  all: readonly StoredEnvironment[],
  usedHere: (stored: StoredEnvironment) => boolean,
  { styleOut: paint, widthOut }: Terminal,
): readonly string[] {
  const rows = all.map((stored) => {
    const { environment, image, builtAt, usedAt, size } = stored;
    return [
      paint("accent", environment.identity.slice(0, 12)),
      environment.engine,
      formatBytes(size),
      `built ${ago(builtAt)}`,
      `used ${ago(usedAt)}${usedHere(stored) ? ", here" : ""}`,
      titleOf(image.settled()),
    ];
  });
  return columns(rows, { right: [2], width: widthOut });
}

/** All about one environment. */
export function inspectLines(stored: StoredEnvironment, usedHere: boolean, terminal: Terminal): readonly string[] {
  const { styleOut: paint, proseWidth } = terminal;
  const { environment, image, builtAt, usedAt, size } = stored;
  const { engine, identity, digest, place, env, packages, resolved } = environment;
  const facts = [
    ["engine", engine],
    ["identity", identity],
    ["contents", digest],
    ...(resolved === undefined ? [] : [["resolved", resolved]]),
    ["place", place],
    ["size", formatBytes(size)],
    ["built", ago(builtAt)],
    ["used", `${ago(usedAt)}${usedHere ? ", in this project too" : ""}`],
    ...Object.entries(env).map(([name, value]) => ["env", `${name}=${value}`]),
  ];
  return [
    paint("strong", titleOf(image.settled())),
    ...columns(facts.map(([name = "", value = ""]) => [`  ${paint("dim", name)}`, value])),
    ...Object.entries(packages).flatMap(([manager, versions]) => {
      const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      const text = wrap(names.join(", "), Math.max(20, proseWidth - 4)).map((line) => `    ${line}`);
      return [`  ${paint("dim", manager)} ${count(names.length, "package")}`, ...text];
    }),
  ];
}

import type { LeftOut, Mode } from "../../engine/index.ts";

/** What a run of a sample left out, and what of a run of stubs was real: a line each; none of a normal run. */
export function modeNotes({ name, sampling, real }: Mode): string[] {
  if (name === "normal") return [];
  const lines = sampling?.leftOut.map(leftOutLine) ?? [];
  if (real.size > 0) lines.push(`ran for real, for want of a stub: ${counted(real)}`);
  const what = [sampling && "a sample", name === "stub" && "stubs"].filter(Boolean).join(" with ");
  return [...lines, `this was a run of ${what}: no other kind of run takes its results from the cache`];
}

function leftOutLine({ task, place, list, maps, taken, of }: LeftOut): string {
  const where = [
    "map",
    list !== "" && `over ${list}`,
    task !== undefined && `in ${task}`,
    place !== "" && `(${place})`,
  ].filter(Boolean);
  return `left out: ${where.join(" ")} took ${taken} of ${of}${maps === 1 ? "" : `, in ${maps} maps`}`;
}

function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([task, count]) => (count === 1 ? task : `${task} ×${count}`)).join(", ");
}

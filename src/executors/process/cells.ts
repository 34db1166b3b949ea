import type { EnclosureLimits } from "../../images/types.ts";
import { Cell } from "./cell.ts";
import { cgroupSupport, type GroupPlace, openGroups } from "./cgroup/index.ts";

/** What a limit is called where people read of it. */
const ASKED: readonly (readonly ["memory" | "cpu" | "processes", string])[] = [
  ["memory", "memory"],
  ["cpu", "CPU"],
  ["processes", "processes"],
];

/** The cells of a launcher: as many as there were jobs at one time that needed one. */
export class Cells {
  readonly #zygotes: boolean;
  readonly #notice: (message: string) => void;
  readonly #idle = { grouped: [] as Cell[], loose: [] as Cell[] };
  readonly #all = new Set<Cell>();
  #place: GroupPlace | null | undefined;
  #said = false;

  /**
   * @param zygotes - whether shells can stay in them
   * @param notice - hears once of limits that cannot be enforced
   */
  constructor(zygotes: boolean, notice: (message: string) => void) {
    this.#zygotes = zygotes;
    this.#notice = notice;
  }

  /**
   * An empty cell, with a control group where there are any.
   *
   * @param grouped - false for a process whose limits are kept by somebody else, and which hands its children over to it
   */
  take(grouped: boolean): Cell {
    if (!grouped) return this.#idle.loose.pop() ?? this.#keep(new Cell(null, this.#zygotes));
    const idle = this.#idle.grouped.pop();
    if (idle) return idle;
    this.#place ??= openGroups();
    return this.#keep(new Cell(this.#place?.make() ?? null, this.#zygotes));
  }

  /** Nothing runs in it any more. */
  giveBack(cell: Cell, grouped: boolean): void {
    if (!cell.broken) {
      this.#idle[grouped ? "grouped" : "loose"].push(cell);
      return;
    }
    cell.close();
    // What was killed may take a moment to be gone; what is left then goes with all the others.
    if (cell.group?.remove() !== false) this.#all.delete(cell);
  }

  /** The limits of those asked for that are enforced: `memory cpu`. */
  enforced(limits: EnclosureLimits): string {
    const asked = ASKED.filter(([limit]) => limits[limit] > 0);
    const missing = asked.filter(([limit]) => !this.#place?.enforced.includes(limit));
    if (missing.length > 0 && !this.#said) {
      this.#said = true;
      const why = this.#place ? cgroupSupport().why : (cgroupSupport().why ?? "no control group could be made");
      this.#notice(`limits not enforced: ${missing.map(([, name]) => name).join(", ")} (${why})`);
    }
    return asked
      .filter((limit) => !missing.includes(limit))
      .map(([limit]) => limit)
      .join(" ");
  }

  /** Ends all that is in any of them. */
  close(): void {
    for (const cell of this.#all) cell.close();
    this.#place?.remove();
  }

  #keep(cell: Cell): Cell {
    this.#all.add(cell);
    return cell;
  }
}

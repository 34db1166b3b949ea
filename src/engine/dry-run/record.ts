import { type Hash, hashText } from "../../kernel/index.ts";
import type { DataEdgeRow, TaskRow } from "../../store/types.ts";
import type { Recording } from "../recorder.ts";

/** Keeps in memory what a run would record of the calls it makes: what explains them. Nothing of it is stored. */
export class DryRecord implements Recording {
  readonly tasks = new Map<Hash, TaskRow>();
  /** Texts of arguments. */
  readonly values = new Map<Hash, string>();
  /** By the call that receives. */
  readonly dataEdges = new Map<Hash, DataEdgeRow[]>();

  task(row: TaskRow): void {
    this.tasks.set(row.hash, row);
  }

  value(identity: string, text: string): Hash {
    const hash = hashText(identity);
    this.values.set(hash, text);
    return hash;
  }

  result(...[{ identity, text }, files]: Parameters<Recording["result"]>): Hash {
    return hashText(files ? text : identity);
  }

  dataEdge(row: DataEdgeRow): void {
    const edges = this.dataEdges.get(row.call);
    if (edges) edges.push(row);
    else this.dataEdges.set(row.call, [row]);
  }

  taskSet(...[set]: Parameters<Recording["taskSet"]>): Hash {
    return set.hash;
  }

  call(): void {}
  callEdge(): void {}
  recovery(): void {}
}

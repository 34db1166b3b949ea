import type { Evaluation } from "../context.ts";
import type { Job } from "../job.ts";
import { Settler } from "../settle.ts";
import { Unknown } from "../unknown.ts";

/** Settles jobs whose bodies are cached, where what they return may depend on what is not known. */
export class DrySettler extends Settler {
  readonly #run: Evaluation;

  constructor(run: Evaluation) {
    super(run);
    this.#run = run;
  }

  override failed(job: Job, thrown: unknown, where: Job = job): void {
    if (!(thrown instanceof Unknown)) {
      super.failed(job, thrown, where);
      return;
    }
    this.#run.change(job, "cached");
    job.letGo();
    job.cell.fail(thrown, where);
  }
}

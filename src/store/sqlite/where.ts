import type { SQLInputValue } from "node:sqlite";

const tagPath = (name: string): string => `$.${JSON.stringify(name)}`;

/** The conditions of a listing, those of them that are asked for, joined by `and`. */
export class Where {
  readonly #conditions: string[] = [];
  readonly values: SQLInputValue[] = [];

  /** Adds a condition with its values, one for each `?`. */
  and(condition: string, ...values: SQLInputValue[]): this {
    this.#conditions.push(condition);
    this.values.push(...values);
    return this;
  }

  /** Adds `column in (…)`. */
  andIn(column: string, values: readonly string[]): this {
    return this.and(`${column} in (${values.map(() => "?").join(", ")})`, ...values);
  }

  /** Adds a condition for each tag, on the JSON column `tags`. */
  andTags(tags: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(tags)) this.and("json_extract(tags, ?) = ?", tagPath(name), value);
    return this;
  }

  /** The same for jobs: a tag of the job's own, or of its run. */
  andTagsOfJobOrRun(tags: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(tags)) {
      const path = tagPath(name);
      this.and(
        "(json_extract(tags, ?) = ? or run in (select id from runs where json_extract(runs.tags, ?) = ?))",
        path,
        value,
        path,
        value,
      );
    }
    return this;
  }

  /**
   * Adds that the text of the arguments holds this, as it stands between the quotes of JSON. Texts that are kept as
   * files are not looked into.
   */
  andInput(part: string): this {
    const written = JSON.stringify(part).slice(1, -1);
    // All texts are read once: 100,000 take 20 ms. Looking up that of each row takes ten times as long.
    return this.and("args_value in (select hash from stored_values where instr(text, ?) > 0)", written);
  }

  /** Adds that one of these holds. */
  or(...alternatives: readonly ((where: Where) => void)[]): this {
    const each = alternatives.map((add) => {
      const where = new Where();
      add(where);
      return where;
    });
    const texts = each.map((where) => `(${where.#conditions.join(" and ")})`);
    return this.and(`(${texts.join(" or ")})`, ...each.flatMap(({ values }) => values));
  }

  /** Adds that there is a row of another table to which these conditions apply. */
  andExists(from: string, conditions: Where): this {
    return this.and(`exists (select 1 from ${from}${conditions.sql})`, ...conditions.values);
  }

  /** The text to put behind the table's name; empty when everything is wanted. */
  get sql(): string {
    return this.#conditions.length === 0 ? "" : ` where ${this.#conditions.join(" and ")}`;
  }
}

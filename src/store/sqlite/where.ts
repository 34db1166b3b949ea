import type { SQLInputValue } from "node:sqlite";

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

  /** Adds one condition a tag, on the JSON column `tags`. */
  andTags(tags: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(tags))
      this.and("json_extract(tags, ?) = ?", `$.${JSON.stringify(name)}`, value);
    return this;
  }

  /** The text to put behind the table's name; empty when everything is wanted. */
  get sql(): string {
    return this.#conditions.length === 0 ? "" : ` where ${this.#conditions.join(" and ")}`;
  }
}

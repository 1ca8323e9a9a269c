import type { Report, Violation } from "../../verifier/books/fact.ts";

/** So many are told in all, of one stream, and of the heads that differ: after the first, all later ones do. */
const MOST_TOLD = 1_000;
const MOST_ALIKE = 10;

/** What was found, as much of it as is told, and how much it is in all. */
export class Found {
  count: number;
  readonly told: Violation[];
  readonly #alike = new Map<string, number>();

  constructor(count = 0, told: readonly Violation[] = []) {
    this.count = count;
    this.told = [...told];
  }

  readonly report: Report = (code, detail, { position, stream, revision }) =>
    this.add({ code, detail, position, stream, revision });

  /** What somebody else found, of streams that are not looked at here. */
  addAll(other: Pick<Found, "count" | "told">): void {
    this.count += other.count;
    this.told.push(...other.told.slice(0, MOST_TOLD - this.told.length));
  }

  add(violation: Violation): void {
    this.count += 1;
    if (this.told.length === MOST_TOLD) return;
    const of = violation.stream ?? violation.code;
    const before = this.#alike.get(of) ?? 0;
    if (before === MOST_ALIKE) return;
    this.#alike.set(of, before + 1);
    this.told.push(violation);
  }
}

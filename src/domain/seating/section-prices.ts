import type { SeatMap } from "./seat-map.ts";

/** What the sections of a seat map that have prices of their own cost, in minor units of the event's currency. */
export interface SectionPrices {
  readonly min: number;
  readonly max: number;
  /** Whether other sections have none, so that their seats cost what the ticket type costs. */
  readonly others: boolean;
}

/** From the cheapest to the dearest, in minor units. */
export interface PriceRange {
  readonly min: number;
  readonly max: number;
}

/** @returns null where no section has a price of its own */
export function sectionPricesOf({ sections }: SeatMap): SectionPrices | null {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let others = false;
  for (const { price } of sections) {
    others ||= price === undefined;
    if (price === undefined) continue;
    min = Math.min(min, price.amount);
    max = Math.max(max, price.amount);
  }
  return min > max ? null : { min, max, others };
}

/**
 * What the seats of a map cost, blocked and sold ones too: both change every moment, the prices of a hall don't.
 * @param price the ticket type's, minor units: it counts where some section has none of its own
 */
export function priceRangeOf(price: number, own: SectionPrices | null): PriceRange {
  if (own === null) return { min: price, max: price };
  const { min, max, others } = own;
  return others ? { min: Math.min(min, price), max: Math.max(max, price) } : { min, max };
}

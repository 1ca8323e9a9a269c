import type { Money } from "../../domain/money.ts";
import { priceRangeOf, type SectionPrices } from "../../domain/seating/section-prices.ts";

/** Of the cheapest and the dearest seat of a ticket type; absent where none of its sections has a price of its own. */
export interface SeatPrices {
  readonly minPrice?: Money;
  readonly maxPrice?: Money;
}

/** @param price the ticket type's */
export function seatPrices({ amount, currency }: Money, own: SectionPrices | null): SeatPrices {
  if (own === null) return {};
  const { min, max } = priceRangeOf(amount, own);
  return { minPrice: { amount: min, currency }, maxPrice: { amount: max, currency } };
}

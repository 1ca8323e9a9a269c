import type { Money } from "./money.ts";

/** What tickets cost, fixed when they were reserved. */
export interface Priced {
  readonly quantity: number;
  /** Of each ticket; of the first, where `prices` says that others cost something else. */
  readonly unitPrice: Money;
  /** What each costs, in minor units of the same currency; absent where all cost the same. */
  readonly prices?: readonly number[] | undefined;
}

/** Of the n-th ticket, counted from 0. */
export function priceOf({ unitPrice, prices }: Omit<Priced, "quantity">, ordinal: number): Money {
  return prices === undefined ? unitPrice : { amount: prices[ordinal] as number, currency: unitPrice.currency };
}

/** Of all of them, in minor units. */
export const totalMinor = ({ quantity, unitPrice, prices }: Priced): number =>
  prices === undefined ? quantity * unitPrice.amount : prices.reduce((sum, amount) => sum + amount, 0);

/** @param each at least one, all of one currency */
export function pricing(each: readonly Money[]): Pick<Priced, "unitPrice"> & { readonly prices?: readonly number[] } {
  const [unitPrice] = each;
  if (unitPrice === undefined) throw new Error("no tickets have no price");
  return each.every(({ amount }) => amount === unitPrice.amount)
    ? { unitPrice }
    : { unitPrice, prices: each.map(({ amount }) => amount) };
}

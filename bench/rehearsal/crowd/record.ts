/** How it ended for a buyer. */
export type Ending =
  | "bought"
  | "left the line"
  | "only looked"
  | "gave it back"
  | "let it lapse"
  | "called, and found none left"
  | "told in the line that all are gone"
  | "payment refused"
  | "failed"
  | "broken off";

/** What one buyer saw, in epoch milliseconds; filled in as he goes. */
export interface BuyerRecord {
  readonly accountId: string;
  readonly tickets: number;
  /** Of arrival, as the entry said; null: he never got one. */
  second: number | null;
  enteredAtMs: number | null;
  /** When he asked last and was told of a place. */
  waitedAtMs: number | null;
  /** When he was called, as the admission says. */
  calledAtMs: number | null;
  /** When he went away from the line or the shop, for good; or, having reserved, was done. */
  leftAtMs: number | null;
  reservedAtMs: number | null;
  reservationId: string | null;
  seats: readonly string[];
  /** Told that it is paid. */
  boughtAtMs: number | null;
  ending: Ending | null;
}

export const newRecord = (accountId: string, tickets: number): BuyerRecord => ({
  accountId,
  tickets,
  second: null,
  enteredAtMs: null,
  waitedAtMs: null,
  calledAtMs: null,
  leftAtMs: null,
  reservedAtMs: null,
  reservationId: null,
  seats: [],
  boughtAtMs: null,
  ending: null,
});

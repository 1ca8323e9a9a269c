/** One ticket of a reservation, counted from 0. */
export interface TicketOf {
  readonly reservationId: string;
  readonly ordinal: number;
}

/** What a buyer was answered to a purchase: a status of the API, `DECLINED` for a 402. */
export interface ToldPurchase {
  readonly key: string;
  readonly bookingId: string;
  readonly status: string;
}

/** A cancellation that was answered by 200. */
export interface ToldCancellation {
  readonly bookingId: string;
  /** null: the whole booking. */
  readonly tickets: readonly TicketOf[] | null;
}

/** All that buyers were told and may rely on. */
export interface Told {
  readonly purchases: readonly ToldPurchase[];
  readonly cancellations: readonly ToldCancellation[];
  /** The same key answered with another booking, and answers that nobody should get. */
  readonly surprises: readonly string[];
}

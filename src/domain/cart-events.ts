/** A user's new cart; there is one at a time. */
export interface CartOpened {
  readonly type: "CartOpened";
  readonly data: {
    readonly cartId: string;
    readonly accountId: string;
    /** Of all that can be put in. */
    readonly currency: string;
    /** Of every line; it never moves. */
    readonly expiresAt: string;
  };
}

/** Recorded before the first reservation of a ticket type, so that no line is ever forgotten. */
export interface CartLineTouched {
  readonly type: "CartLineTouched";
  readonly data: { readonly cartId: string; readonly eventId: string; readonly ticketTypeId: string };
}

/** Recorded before its reservations are claimed: nothing changes in it until the booking has ended. */
export interface CartCheckedOut {
  readonly type: "CartCheckedOut";
  readonly data: { readonly cartId: string; readonly bookingId: string };
}

/** The purchase came to nothing; the cart is its owner's again, until its `expiresAt`. */
export interface CartReopened {
  readonly type: "CartReopened";
  readonly data: { readonly cartId: string; readonly bookingId: string };
}

export interface CartCompleted {
  readonly type: "CartCompleted";
  readonly data: { readonly cartId: string; readonly bookingId: string };
}

/** Emptied by its owner, and done with. */
export interface CartCleared {
  readonly type: "CartCleared";
  readonly data: { readonly cartId: string };
}

/** Its time was over. */
export interface CartExpired {
  readonly type: "CartExpired";
  readonly data: { readonly cartId: string };
}

export type CartEvent =
  | CartOpened
  | CartLineTouched
  | CartCheckedOut
  | CartReopened
  | CartCompleted
  | CartCleared
  | CartExpired;

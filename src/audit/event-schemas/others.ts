import { z } from "zod";
import type { CartEvent } from "../../domain/cart-events.ts";
import type { WaitingRoomEvent } from "../../domain/waiting-room-events.ts";
import { count, id, list, of, type SchemasOf, time } from "./parts.ts";

const ofBooking = of({ cartId: id, bookingId: id });

export const CART_EVENTS: SchemasOf<CartEvent> = {
  CartOpened: of({ cartId: id, accountId: id, currency: z.string(), expiresAt: time }),
  CartLineTouched: of({ cartId: id, eventId: id, ticketTypeId: id }),
  CartCheckedOut: ofBooking,
  CartReopened: ofBooking,
  CartCompleted: ofBooking,
  CartCleared: of({ cartId: id }),
  CartExpired: of({ cartId: id }),
};

const round = count;
const terms = of({
  opensAt: time,
  admitPerMinute: count,
  paused: z.boolean(),
  classes: list(of({ name: z.string(), share: z.number(), codeHash: z.string().nullable() })),
  beacon: of({ source: z.string(), value: z.string().nullable() }).nullable(),
});

export const WAITING_ROOM_EVENTS: SchemasOf<WaitingRoomEvent> = {
  WaitingRoomSetUp: of({ round, commitment: z.string(), laterCommitment: z.string(), terms }),
  WaitingRoomChanged: of({ round, terms }),
  SeedRevealed: of({ round, of: z.enum(["draw", "later"]), seed: z.string() }),
  WaitingRoomClosed: of({ round }),
};

import type { CartCommands } from "../commands/carts.ts";
import type { CommandContext } from "../commands/outcome.ts";
import { cameToNothing } from "../domain/booking.ts";
import type { OpenedBooking } from "../domain/booking-state.ts";
import { CLAIM_GRACE_MS } from "../domain/inventory-claims.ts";
import type { BookingProcess } from "./bookings.ts";
import type { Seen } from "./timers.ts";

/** A cart whose booking is under way is looked at again after this; its booking has timers of its own. */
const LOOK_AGAIN_MS = 30_000;

/**
 * What a timer does about a cart: notes that its time is over, and gives one back whose purchase stopped before there
 * was a booking, or ended while the cart could not be told.
 */
export const cartTimers =
  (carts: CartCommands, bookings: BookingProcess, context: () => CommandContext) =>
  async (accountId: string): Promise<Seen> => {
    await carts.expire(accountId, context());
    const { cart, atMs } = await carts.look(accountId);
    if (cart.status !== "checkout") return { againAtMs: null };
    const { bookingId, cartId } = cart;
    await bookings.seeTo(bookingId, context()); // gives up a booking that was never recorded
    const booking = await bookings.look(bookingId);
    if (booking.status === "missing") return { againAtMs: atMs + LOOK_AGAIN_MS };
    if (booking.status === "abandoned" || isGivenBack(booking, atMs)) {
      await carts.reopen(accountId, cartId, bookingId, context());
      await carts.expire(accountId, context());
      return { againAtMs: null };
    }
    if (booking.status === "open" || cameToNothing(booking)) return { againAtMs: atMs + LOOK_AGAIN_MS };
    await carts.complete(accountId, cartId, bookingId, context());
    return { againAtMs: null };
  };

/**
 * What was not paid in time may yet be, as long as its claims stand: the cart stays with it so long. A provider that does
 * not tell must not keep it any longer.
 */
const isGivenBack = (booking: OpenedBooking, atMs: number): boolean =>
  cameToNothing(booking) && (booking.letGo || atMs >= Date.parse(booking.expiresAt) + CLAIM_GRACE_MS);

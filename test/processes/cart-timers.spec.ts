import { beforeEach, expect, it } from "vitest";
import { CLAIM_GRACE_MS } from "../../src/domain/inventory-claims.ts";
import { cartTimers } from "../../src/processes/cart-timers.ts";
import { type BoxOffice, BUYER, bought, boxOffice, PAYMENT_WINDOW_MS } from "./box-office.ts";

let shop: BoxOffice;
let cartId: string;
/** What the timer does about the buyer's cart. */
let look: () => Promise<{ readonly againAtMs: number | null }>;

beforeEach(async () => {
  shop = boxOffice();
  await shop.onSale();
  const line = { eventId: "concert", ticketTypeId: "regular" };
  await shop.carts.setLine({ accountId: BUYER, guest: false }, line, 2, shop.context());
  cartId = await idOfCart();
  look = () => cartTimers(shop.carts, shop.process, shop.context)(BUYER);
});

it("a cart stays with a booking that may yet be paid late, and is completed when it is", async () => {
  const { bookingId } = bought(await shop.buy({ cartId }, { method: "unstoppable" }));
  await shop.surroundings.advance(PAYMENT_WINDOW_MS);
  expect((await look()).againAtMs).not.toBeNull();
  expect((await shop.booking(bookingId)).status).toBe("timed-out");
  expect(await cart()).toMatchObject({ status: "checkout", bookingId });
  payLate();
  expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("paid");
  expect(await cart()).toMatchObject({ status: "completed", bookingId });
});

it("a cart is its owner's again when its booking's claims have lapsed, whatever the provider may yet say", async () => {
  bought(await shop.buy({ cartId }, { method: "unstoppable" }));
  await shop.surroundings.advance(PAYMENT_WINDOW_MS + CLAIM_GRACE_MS);
  expect((await look()).againAtMs).toBeNull();
  expect((await cart()).status).toBe("expired");
});

it("a cart stays with its booking, which the same request on another node is told of as well", async () => {
  const { store, provider, located } = shop;
  const other = boxOffice({ store, provider, located });
  const wish = { accountId: BUYER, of: { cartId }, payment: { provider: "scripted", method: "ok" } };
  let opened: Awaited<ReturnType<typeof shop.purchases.open>> | null = null;
  // Between its checking the cart out and asking what is in it the first request has come so far that all of it is booked.
  other.carts.lines = async () => {
    opened = await shop.purchases.open(wish, shop.context("one purchase"));
    return [];
  };
  const again = await other.purchases.open(wish, other.context("one purchase"));
  const { bookingId } = opened as unknown as { bookingId: string };
  expect(again).toMatchObject({ accepted: true, bookingId, replayed: true });
  expect((await shop.process.drive(bookingId, shop.context())).booking.status).toBe("paid");
  expect(await cart()).toMatchObject({ status: "completed", bookingId });
});

const cart = async () => (await shop.carts.look(BUYER)).cart;

async function idOfCart(): Promise<string> {
  const found = await cart();
  if (found.status === "none") throw new Error("there is no cart");
  return found.cartId;
}

function payLate(): void {
  const [charge] = shop.provider.charges.values();
  shop.provider.decide(charge?.attemptId ?? "", "authorized");
}

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

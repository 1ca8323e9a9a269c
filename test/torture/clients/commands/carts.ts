import type { Buyer } from "../buyer.ts";
import type { Command, Told, Wish } from "../wish.ts";
import { OF_SALE, onSale } from "./reserving.ts";

interface CartBody {
  readonly cartId: string | null;
  readonly status: string;
  readonly items: readonly { readonly ticketTypeId: string }[];
  readonly total: { readonly amount: number };
}

const CART = { name: "look at cart", route: "/cart", of: [] } as const;

export const carts: readonly Command[] = [
  {
    name: "set a cart's line",
    weight: 10,
    wish: (buyer) =>
      onSale(buyer, ({ eventId, ticketTypeId }, quantity) => ({
        ...{ method: "PUT", route: "/cart/items/:ticketTypeId", of: [ticketTypeId], as: buyer.me, isKeyed: false },
        body: { eventId, quantity: buyer.chance.is(0.15) ? 0 : quantity },
        refusals: [...OF_SALE, "payment-in-progress", "currency-mixed"],
        readBack: () => CART,
        took: (told) => keep(buyer, told),
      })),
  },
  {
    name: "remove a cart's line",
    weight: 2,
    wish: (buyer) =>
      ofCart(buyer, (cart) => ({
        ...{ method: "DELETE", route: "/cart/items/:ticketTypeId", isKeyed: false, as: cart.as },
        of: [buyer.chance.of(cart.ticketTypeIds)],
        refusals: ["payment-in-progress", "ticket-type-not-found"],
        readBack: () => CART,
      })),
  },
  {
    name: "clear the cart",
    weight: 1,
    wish: (buyer) =>
      ofCart(buyer, ({ as }) => ({
        ...{ method: "DELETE", route: "/cart", as, isKeyed: false },
        refusals: ["payment-in-progress"],
        readBack: () => CART,
        took: () => {
          buyer.own.cart = null;
        },
      })),
  },
  {
    name: "look at cart",
    weight: 2,
    wish: (buyer) => ({
      ...{ method: "GET", route: "/cart", as: buyer.me, isKeyed: false, refusals: [] },
      took: (told) => keep(buyer, told),
    }),
  },
];

function ofCart(buyer: Buyer, wish: (cart: NonNullable<Buyer["own"]["cart"]>) => Wish): Wish | null {
  const { cart } = buyer.own;
  return cart === null ? null : wish(cart);
}

function keep(buyer: Buyer, { body }: Told): void {
  const { cartId, items, total } = body as CartBody;
  const { me } = buyer;
  buyer.own.cart =
    cartId === null || me === null || items.length === 0
      ? null
      : { cartId, as: me, totalMinor: total.amount, ticketTypeIds: items.map(({ ticketTypeId }) => ticketTypeId) };
}

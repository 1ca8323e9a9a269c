import type { Seated } from "../../domain/inventory-events.ts";
import type { Money } from "../../domain/money.ts";
import { totalMinor } from "../../domain/pricing.ts";
import { checkpointOf, positionOf, type ReadAt } from "../consistent-read.ts";
import type { ReadSide } from "../database.ts";
import type { RecordedCartStatus } from "./table.ts";

export type CartStatus = Exclude<RecordedCartStatus, "CLEARED">;

/** An account's cart at an instant. */
export interface Cart {
  /** null: there is none, or it was emptied. */
  readonly cartId: string | null;
  /** An ACTIVE one whose time is over is EXPIRED, whether or not that is on record yet. */
  readonly status: CartStatus;
  /** RFC 3339 UTC; null without a cart. */
  readonly expiresAt: string | null;
  /** What it holds, or held when it was bought; nothing of one that is EXPIRED. In the order in which it was put in. */
  readonly items: readonly CartItem[];
  readonly total: Money;
}

export interface CartItem {
  readonly reservationId: string;
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly quantity: number;
  /** Of the first ticket, where there are `prices`. */
  readonly unitPrice: Money;
  readonly prices?: readonly number[];
  readonly seats?: readonly string[];
  readonly total: Money;
}

export interface CartQueries {
  /**
   * The cart that an account has now, or the last one that it had; without any, an empty one.
   * @throws ReadModelBehind
   */
  currentCart(accountId: string, at: ReadAt): Promise<Cart>;
}

const MODELS = ["carts", "reservations"];

/** Of a cart without anything in it, which has none of its own yet. */
const DEFAULT_CURRENCY = "EUR";

type Row = { readonly checkpoint: string | null } & (
  | {
      readonly cart_id: string;
      readonly expires_at: Date;
      readonly currency: string;
      readonly status: RecordedCartStatus;
      readonly items: readonly (Omit<CartItem, "total"> & { readonly seated: Seated | null })[];
    }
  | { readonly cart_id: null }
);

const CURRENT = {
  name: "carts_current",
  text: `
    select ${checkpointOf(MODELS)} as checkpoint, c.cart_id, c.expires_at, c.currency, c.status, r.items
    from (select) as always
    left join readmodels.carts c on c.account_id = $1 and c.status <> 'CLEARED'
    left join lateral (
      select coalesce(json_agg(json_build_object(
        'reservationId', reservation_id, 'eventId', event_id, 'ticketTypeId', ticket_type_id, 'quantity', quantity,
        'unitPrice', json_build_object('amount', unit_price, 'currency', currency), 'seated', seated
      ) order by created_at, reservation_id), '[]') as items
      from readmodels.reservations
      where cart_id = c.cart_id and status = case c.status when 'COMPLETED' then 'CONFIRMED' else 'HELD' end
    ) r on true`,
};

export function cartQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): CartQueries {
  return {
    currentCart: (accountId, { minPosition, nowMs }) =>
      reads.read(MODELS, minPosition, async () => {
        const row = (await pool.query<Row>({ ...CURRENT, values: [accountId] })).rows[0] as Row;
        return { checkpoint: positionOf(row.checkpoint), value: cartOf(row, nowMs) };
      }),
  };
}

function cartOf(row: Row, nowMs: number): Cart {
  if (row.cart_id === null || row.status === "CLEARED") {
    return { cartId: null, status: "ACTIVE", expiresAt: null, items: [], total: sumOf([], DEFAULT_CURRENCY) };
  }
  const isOver = row.status === "ACTIVE" && row.expires_at.getTime() <= nowMs;
  const status = isOver ? "EXPIRED" : row.status;
  const items = status === "EXPIRED" ? [] : row.items.map(itemOf);
  const total = sumOf(items, row.currency);
  return { cartId: row.cart_id, status, expiresAt: row.expires_at.toISOString(), items, total };
}

function itemOf({ seated, ...item }: Omit<CartItem, "total"> & { readonly seated: Seated | null }): CartItem {
  const priced = { ...item, ...seated };
  return { ...priced, total: { amount: totalMinor(priced), currency: item.unitPrice.currency } };
}

const sumOf = (items: readonly CartItem[], currency: string): Money => ({
  amount: items.reduce((sum, { total }) => sum + total.amount, 0),
  currency,
});

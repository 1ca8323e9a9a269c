import type { CartOpened } from "../../domain/cart-events.ts";
import { accountOfCart } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { storableJson } from "../storable.ts";
import { createTables, type RecordedCartStatus, VIEW } from "./table.ts";

interface Opened {
  readonly data: CartOpened["data"];
  status: RecordedCartStatus;
}

/** By account. */
interface Batch {
  readonly opened: Map<string, Opened>;
  /** What became of carts that were opened in earlier batches. */
  readonly changed: Map<string, RecordedCartStatus>;
}

/** The current cart of each account: a batch is two statements at most. */
export const carts: Projection = {
  name: "carts",
  version: 1,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const batch: Batch = { opened: new Map(), changed: new Map() };
    for (const event of events) apply(event, batch);
    const { opened, changed } = batch;
    const statements: Statement[] = [];
    if (opened.size > 0) statements.push(upsert(opened, generation));
    if (changed.size > 0) statements.push(update(changed, generation));
    return statements;
  },
};

function apply(feedEvent: FeedEvent, batch: Batch): void {
  const recorded = feedEvent.cart();
  if (recorded === null) return;
  const { event, stored } = recorded;
  const accountId = accountOfCart(stored.stream);
  const is = (status: RecordedCartStatus) => {
    const opened = batch.opened.get(accountId);
    if (opened === undefined) batch.changed.set(accountId, status);
    else opened.status = status;
  };
  switch (event.type) {
    case "CartOpened":
      batch.changed.delete(accountId);
      batch.opened.set(accountId, { data: event.data, status: "ACTIVE" });
      return;
    case "CartReopened":
      is("ACTIVE");
      return;
    case "CartCheckedOut":
      is("CHECKOUT");
      return;
    case "CartCompleted":
      is("COMPLETED");
      return;
    case "CartCleared":
      is("CLEARED");
      return;
    case "CartExpired":
      is("EXPIRED");
      return;
    case "CartLineTouched": // whether anything is held there, the reservations tell
      return;
    default:
      unknownEvent(event);
  }
}

function upsert(opened: ReadonlyMap<string, Opened>, generation: number): Statement {
  const rows = [...opened].map(([accountId, { data, status }]) => ({
    account_id: accountId,
    cart_id: data.cartId,
    expires_at: data.expiresAt,
    currency: data.currency,
    status,
  }));
  return {
    name: `carts_upsert_g${generation}`,
    text: `insert into ${tableName(VIEW, generation)} (account_id, cart_id, expires_at, currency, status)
           select * from json_to_recordset($1)
             as t (account_id uuid, cart_id uuid, expires_at timestamptz, currency text, status text)
           on conflict (account_id) do update set cart_id = excluded.cart_id, expires_at = excluded.expires_at,
             currency = excluded.currency, status = excluded.status`,
    values: [storableJson(rows)],
  };
}

function update(changed: ReadonlyMap<string, RecordedCartStatus>, generation: number): Statement {
  return {
    name: `carts_update_g${generation}`,
    text: `update ${tableName(VIEW, generation)} c set status = t.status
           from unnest($1::uuid[], $2::text[]) as t (account_id, status) where c.account_id = t.account_id`,
    values: [arrayLiteral([...changed.keys()]), arrayLiteral([...changed.values()])],
  };
}

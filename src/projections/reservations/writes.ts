import type { Seated } from "../../domain/inventory-events.ts";
import type { Money } from "../../domain/money.ts";
import { inventoryOf } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import { BinaryRows, uuidBytes } from "../binary-rows.ts";
import { type Copy, type Statement, tableName } from "../projection.ts";
import { fingerprintBytes, type RecordedStatus, VIEW } from "./table.ts";

/** A row's size on its way to Postgres, about. */
const ROW_BYTES = 230;

/** What the event that makes a reservation says of it. */
export interface Beginning {
  readonly reservationId: string;
  readonly accountId: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly expiresAt: string;
  readonly cartId: string | null;
  readonly seated: Seated | null;
  /** Of the `Idempotency-Key` that it was made with. */
  readonly keyHash: string | null;
  readonly at: string;
  readonly stream: string;
  readonly revision: number;
}

/** What a batch says about one reservation after it was made; null leaves a column as it is. */
export interface Later {
  status: RecordedStatus | null;
  /** Stands with the status that ended it. */
  endedAt: string | null;
  expiresAt: string | null;
  extended: boolean;
  quantity: number | null;
  /** Other seats, with what the first of them costs. */
  seated: (Seated & { readonly unitPrice: Money | undefined }) | null;
  /** undefined leaves it as it is, null: claimed no longer. */
  claim: { readonly bookingId: string; readonly deadline: string } | null | undefined;
}

/** A reservation made in the batch, with what the batch says about it afterwards. */
export interface Made extends Later {
  readonly beginning: Beginning;
}

/** An id that was used before begins anew. COPY has no ON CONFLICT; a delete by key costs less than one. */
export function forget(made: ReadonlyMap<string, Made>, generation: number): Statement {
  return {
    name: `reservations_forget_g${generation}`,
    text: `delete from ${tableName(VIEW, generation)} where reservation_id = any($1::uuid[])`,
    values: [arrayLiteral([...made.keys()])],
  };
}

export function insert(made: ReadonlyMap<string, Made>, generation: number): Copy {
  const rows = new BinaryRows(made.size * ROW_BYTES);
  const inventories = new Map<string, { readonly event: Buffer; readonly ticketType: Buffer }>();
  for (const later of made.values()) {
    const { beginning } = later;
    const { stream, accountId, at, keyHash, revision, cartId } = beginning;
    const unitPrice = later.seated?.unitPrice ?? beginning.unitPrice;
    const seated = later.seated ?? beginning.seated;
    let inventory = inventories.get(stream);
    if (inventory === undefined) {
      const { eventId, ticketTypeId } = inventoryOf(stream);
      inventory = { event: uuidBytes(eventId), ticketType: uuidBytes(ticketTypeId) };
      inventories.set(stream, inventory);
    }
    rows
      .row(18)
      .uuid(uuidBytes(beginning.reservationId))
      .uuid(inventory.event)
      .uuid(inventory.ticketType)
      .uuid(uuidBytes(accountId))
      .timestamp(Date.parse(at))
      .timestamp(Date.parse(later.expiresAt ?? beginning.expiresAt));
    if (later.endedAt === null) rows.null();
    else rows.timestamp(Date.parse(later.endedAt));
    rows.bigint(unitPrice.amount);
    if (keyHash === null) rows.null();
    else rows.bigintBytes(fingerprintBytes(keyHash));
    rows
      .integer(later.quantity ?? beginning.quantity)
      .integer(revision)
      .boolean(later.extended)
      .text(later.status ?? "HELD")
      .text(unitPrice.currency);
    if (cartId === null) rows.null();
    else rows.uuid(uuidBytes(cartId));
    if (later.claim) rows.uuid(uuidBytes(later.claim.bookingId)).timestamp(Date.parse(later.claim.deadline));
    else rows.null().null();
    if (seated === null) rows.null();
    else rows.jsonb(seatedJson(seated));
  }
  return { copy: `copy ${tableName(VIEW, generation)} from stdin with (format binary)`, rows: rows.finish() };
}

const seatedJson = ({ seats, prices }: Seated): string => JSON.stringify({ seats, prices });

/** Of those that ended and nothing else. */
export function updateEnds(changed: readonly (readonly [string, Later])[], generation: number): Statement {
  return {
    name: `reservations_end_g${generation}`,
    text: `update ${tableName(VIEW, generation)} r set status = c.status, ended_at = c.ended_at
           from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as c (reservation_id, status, ended_at)
           where r.reservation_id = c.reservation_id`,
    values: [
      arrayLiteral(changed.map(([id]) => id)),
      arrayLiteral(changed.map(([, { status }]) => status)),
      arrayLiteral(changed.map(([, { endedAt }]) => endedAt)),
    ],
  };
}

export function update(changed: readonly (readonly [string, Later])[], generation: number): Statement {
  const changes = changed.map(([, later]) => later);
  return {
    name: `reservations_update_g${generation}`,
    text: `update ${tableName(VIEW, generation)} r set
             status = coalesce(c.status, r.status),
             ended_at = coalesce(c.ended_at, r.ended_at),
             expires_at = coalesce(c.expires_at, r.expires_at),
             extended = r.extended or c.extended,
             quantity = coalesce(c.quantity, r.quantity),
             seated = coalesce(c.seated, r.seated),
             unit_price = coalesce(c.unit_price, r.unit_price),
             booking_id = case when c.claim_changes then c.booking_id else r.booking_id end,
             deadline = case when c.claim_changes then c.deadline else r.deadline end
           from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::boolean[], $6::int[],
               $7::boolean[], $8::uuid[], $9::timestamptz[], $10::jsonb[], $11::bigint[])
             as c (reservation_id, status, ended_at, expires_at, extended, quantity, claim_changes, booking_id, deadline,
               seated, unit_price)
           where r.reservation_id = c.reservation_id`,
    values: [
      arrayLiteral(changed.map(([id]) => id)),
      arrayLiteral(changes.map(({ status }) => status)),
      arrayLiteral(changes.map(({ endedAt }) => endedAt)),
      arrayLiteral(changes.map(({ expiresAt }) => expiresAt)),
      arrayLiteral(changes.map(({ extended }) => extended)),
      arrayLiteral(changes.map(({ quantity }) => quantity)),
      arrayLiteral(changes.map(({ claim }) => claim !== undefined)),
      arrayLiteral(changes.map(({ claim }) => claim?.bookingId ?? null)),
      arrayLiteral(changes.map(({ claim }) => claim?.deadline ?? null)),
      changes.map(({ seated }) => (seated === null ? null : seatedJson(seated))),
      arrayLiteral(changes.map(({ seated }) => seated?.unitPrice?.amount ?? null)),
    ],
  };
}

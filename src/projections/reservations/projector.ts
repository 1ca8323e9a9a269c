import type { TicketsReserved } from "../../domain/inventory-events.ts";
import type { RecordedEvent } from "../../eventstore/envelope.ts";
import { inventoryOf } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import { BinaryRows, uuidBytes } from "../binary-rows.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import { type Copy, type Projection, type Statement, tableName, type Write } from "../projection.ts";
import { createTables, fingerprintBytes, type RecordedStatus, VIEW } from "./table.ts";

/** A row's size on its way to Postgres, about. */
const ROW_BYTES = 200;

/** What a batch says about one reservation after it was made; null leaves a column as it is. */
interface Later {
  status: RecordedStatus | null;
  /** Set when it was extended. */
  expiresAt: string | null;
}

/** A reservation made in the batch, with what the batch says about it afterwards. */
interface Made extends Later {
  readonly recorded: RecordedEvent<TicketsReserved>;
}

/** Every reservation with where it stands: a batch is one COPY and one UPDATE, however many it has. */
export const reservations: Projection = {
  name: "reservations",
  version: 1,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const made = new Map<string, Made>();
    const changed = new Map<string, Later>();
    for (const event of events) apply(event, made, changed);
    const writes: Write[] = [];
    if (made.size > 0) writes.push(forget(made, generation), insert(made, generation));
    if (changed.size > 0) writes.push(update(changed, generation));
    return writes;
  },
};

function apply(feedEvent: FeedEvent, made: Map<string, Made>, changed: Map<string, Later>): void {
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const { event } = recorded;
  const later = (reservationId: string): Later => {
    const known = made.get(reservationId) ?? changed.get(reservationId);
    if (known !== undefined) return known;
    const change: Later = { status: null, expiresAt: null };
    changed.set(reservationId, change);
    return change;
  };
  switch (event.type) {
    case "TicketsReserved":
      // An id that is used again, for what was given back before, begins anew.
      changed.delete(event.data.reservationId);
      made.set(event.data.reservationId, { recorded: { ...recorded, event }, status: null, expiresAt: null });
      return;
    case "ReservationExtended":
      later(event.data.reservationId).expiresAt = event.data.expiresAt;
      return;
    case "ReservationReleased":
      later(event.data.reservationId).status = "RELEASED";
      return;
    case "ReservationsExpired":
      for (const { reservationId } of event.data.reservations) later(reservationId).status = "EXPIRED";
      return;
    case "InventoryOpened":
    case "InventoryPublished":
    case "EventTermsChanged":
    case "CapacityChanged":
      return;
    case "ReservationQuantityChanged":
    case "ReservationClaimed":
    case "ClaimReleased":
    case "ReservationConfirmed":
    case "TicketsReturned":
    case "InventoryClosed":
    case "ReservationsWithdrawn":
    case "WaitlistJoined":
    case "TicketsOffered":
    case "WaitlistLeft":
    case "WaitlistEnded":
      return;
    default:
      unknownEvent(event);
  }
}

/** An id that was used before begins anew. COPY has no ON CONFLICT; a delete by key costs less than one. */
function forget(made: ReadonlyMap<string, Made>, generation: number): Statement {
  return {
    name: `reservations_forget_g${generation}`,
    text: `delete from ${tableName(VIEW, generation)} where reservation_id = any($1::uuid[])`,
    values: [arrayLiteral([...made.keys()])],
  };
}

function insert(made: ReadonlyMap<string, Made>, generation: number): Copy {
  const rows = new BinaryRows(made.size * ROW_BYTES);
  const inventories = new Map<string, { readonly event: Buffer; readonly ticketType: Buffer }>();
  for (const [reservationId, { recorded, status, expiresAt }] of made) {
    const { event, envelope, stored } = recorded;
    const { accountId, unitPrice, quantity } = event.data;
    let inventory = inventories.get(stored.stream);
    if (inventory === undefined) {
      const { eventId, ticketTypeId } = inventoryOf(stored.stream);
      inventory = { event: uuidBytes(eventId), ticketType: uuidBytes(ticketTypeId) };
      inventories.set(stored.stream, inventory);
    }
    rows
      .row(13)
      .uuid(uuidBytes(reservationId))
      .uuid(inventory.event)
      .uuid(inventory.ticketType)
      .uuid(uuidBytes(accountId))
      .timestamp(Date.parse(envelope.at))
      .timestamp(Date.parse(expiresAt ?? event.data.expiresAt))
      .bigint(unitPrice.amount);
    if (envelope.keyHash === null) rows.null();
    else rows.bigintBytes(fingerprintBytes(envelope.keyHash));
    rows
      .integer(quantity)
      .integer(stored.revision)
      .boolean(expiresAt !== null)
      .text(status ?? "HELD")
      .text(unitPrice.currency);
  }
  return { copy: `copy ${tableName(VIEW, generation)} from stdin with (format binary)`, rows: rows.finish() };
}

function update(changed: ReadonlyMap<string, Later>, generation: number): Statement {
  const changes = [...changed.values()];
  return {
    name: `reservations_update_g${generation}`,
    text: `update ${tableName(VIEW, generation)} r set
             status = coalesce(c.status, r.status),
             expires_at = coalesce(c.expires_at, r.expires_at),
             extended = r.extended or c.expires_at is not null
           from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as c (reservation_id, status, expires_at)
           where r.reservation_id = c.reservation_id`,
    values: [
      arrayLiteral([...changed.keys()]),
      arrayLiteral(changes.map(({ status }) => status)),
      arrayLiteral(changes.map(({ expiresAt }) => expiresAt)),
    ],
  };
}

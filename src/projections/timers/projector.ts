import type { Position, StoredEvent } from "../../eventstore/port.ts";
import { inventoryOf, listingStream } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { createTables, VIEW } from "./table.ts";

/** By stream, then by due second (epoch seconds): the position of the last event that asked for it. */
type Due = Map<string, Map<number, Position>>;

/** When which stream has to be looked at. Thousands of reservations of a hot ticket type in a second are one row. */
export const timers: Projection = {
  name: "timers",
  version: 1,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const due: Due = new Map();
    for (const event of events) apply(event, due);
    return due.size === 0 ? [] : [upsert(due, generation)];
  },
};

function apply(feedEvent: FeedEvent, due: Due): void {
  applyListing(feedEvent, due);
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  switch (event.type) {
    case "TicketsReserved":
    case "ReservationExtended":
      ask(due, stored, event.data.expiresAt);
      return;
    case "CapacityChanged":
      // For fewer tickets the inventory changes before its listing, which has to be looked at.
      ask(due, { ...stored, stream: listingStream(inventoryOf(stored.stream).eventId) }, envelope.at);
      return;
    case "InventoryOpened":
    case "InventoryPublished":
    case "EventTermsChanged":
    case "ReservationReleased":
    case "ReservationsExpired":
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

/** Inventories follow what a listing says: at once, unless whoever changed it has seen to that already. */
function applyListing(feedEvent: FeedEvent, due: Due): void {
  const recorded = feedEvent.listing();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  switch (event.type) {
    case "ListingChanged":
    case "TicketTypeCapacityListed":
      ask(due, stored, envelope.at);
      return;
    case "ListingCreated":
    case "ListingPublished":
      return;
    case "ListingCancelled":
      return;
    default:
      unknownEvent(event);
  }
}

/** Notes that the stream has to be looked at from `time` on. */
function ask(due: Due, { stream, position }: StoredEvent, time: string): void {
  const seconds = due.get(stream) ?? new Map<number, Position>();
  seconds.set(Math.ceil(Date.parse(time) / 1_000), position);
  due.set(stream, seconds);
}

/** The position moves on, so that whoever saw to an earlier one does not delete a later one. */
function upsert(due: Due, generation: number): Statement {
  const rows = [...due].flatMap(([stream, seconds]) => [...seconds].map(([second, at]) => ({ stream, second, at })));
  return {
    name: `timers_upsert_g${generation}`,
    text: `insert into ${tableName(VIEW, generation)} (stream, due_at, position)
           select stream, to_timestamp(second), position
           from unnest($1::text[], $2::float8[], $3::numeric[]) as t (stream, second, position)
           on conflict (due_at, stream) do update set position = excluded.position`,
    values: [
      arrayLiteral(rows.map(({ stream }) => stream)),
      arrayLiteral(rows.map(({ second }) => second)),
      arrayLiteral(rows.map(({ at }) => at)),
    ],
  };
}

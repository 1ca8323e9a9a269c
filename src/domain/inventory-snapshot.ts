import type {
  BookedTickets,
  HeldReservation,
  Inventory,
  OpenedInventory,
  ReservationClaim,
  ReservationKind,
} from "./inventory-state.ts";
import { InventoryTables } from "./inventory-tables.ts";
import type { Money } from "./money.ts";
import type { SeatMap } from "./seating/seat-map.ts";
import { BLOCKED, SeatTable } from "./seating/seat-table.ts";
import { planOf } from "./seating/seating-plan.ts";
import type { WaitingEntry } from "./waitlist.ts";

/** Raised whenever the written form changes, or when `evolve` would make another state of the same events. */
export const INVENTORY_SNAPSHOT_VERSION = 5;

/**
 * An inventory as JSON. Reservations stand in columns: of 100,000 of them that is 10 MB, read in about 30 ms, where an
 * object each would take several times as long. What few of them have stands apart, by row.
 */
export type WrittenInventory = { readonly status: "unopened" } | WrittenOpened;

type WrittenOpened = Omit<OpenedInventory, "tables"> & {
  readonly reservations: WrittenReservations;
  readonly bookedTickets: WrittenBooked;
  readonly waitlist: WrittenWaitlist;
  /** Absent where tickets are not numbered. */
  readonly seating?: WrittenSeating;
  readonly admissions: readonly (readonly [id: string, endsAtMs: number])[];
};

/** Who has which of the other seats is written with the reservations. */
interface WrittenSeating {
  readonly map: SeatMap;
  readonly blocked: readonly number[];
}

interface WrittenReservations {
  readonly ids: readonly string[];
  readonly accountIds: readonly string[];
  readonly quantities: readonly number[];
  readonly expiresAtMs: readonly number[];
  /** 1 for an extended one. */
  readonly extended: readonly number[];
  /** Each price that occurs; the ticket type's own comes first. */
  readonly prices: readonly Money[];
  /** Which of them it is. */
  readonly priced: readonly number[];
  /** Which of {@link KINDS} it is. */
  readonly kinds: readonly number[];
  readonly claims: readonly (readonly [row: number, ReservationClaim])[];
  readonly declined: readonly (readonly [row: number, times: number])[];
  /** Of each; absent where tickets are not numbered. */
  readonly seats?: readonly (readonly number[])[];
  readonly ticketPrices: readonly (readonly [row: number, prices: readonly number[]])[];
}

interface WrittenBooked {
  readonly ids: readonly string[];
  readonly accountIds: readonly string[];
  readonly bookingIds: readonly string[];
  readonly quantities: readonly number[];
  readonly returned: readonly (readonly [row: number, ordinals: readonly number[]])[];
  /** Of each; absent where tickets are not numbered. */
  readonly seats?: readonly (readonly number[])[];
}

/** In the order of arrival. */
interface WrittenWaitlist {
  readonly entryIds: readonly string[];
  readonly accountIds: readonly string[];
  readonly quantities: readonly number[];
  readonly offerTtlSeconds: readonly number[];
}

const KINDS: readonly ReservationKind[] = ["plain", "cart-line", "offer"];

export function writeInventory(inventory: Inventory): WrittenInventory {
  if (inventory.status === "unopened") return inventory;
  const { tables, ...rest } = inventory;
  return {
    ...rest,
    reservations: writtenReservations(tables.reservations.entries(), rest.terms.price),
    bookedTickets: writtenBooked(tables.booked.entries()),
    waitlist: writtenWaitlist(tables.waitlist.entries()),
    ...(tables.seats === null ? {} : { seating: writtenSeating(tables.seats) }),
    admissions: tables.admissions.entries(),
  };
}

export function readInventory(written: WrittenInventory): Inventory {
  if (written.status === "unopened") return written;
  const { reservations, bookedTickets, waitlist, seating, admissions, ...rest } = written;
  const rows = {
    reservations: readReservations(reservations, rest.terms.price),
    booked: readBooked(bookedTickets),
    waiting: readWaitlist(waitlist),
    admissions: new Map(admissions),
  };
  const seats = seating === undefined ? null : new SeatTable(planOf(seating.map), seating.blocked);
  return { ...rest, tables: new InventoryTables(rest.terms, rows, seats) };
}

function writtenSeating(table: SeatTable): WrittenSeating {
  const blocked: number[] = [];
  for (let seat = 0; seat < table.plan.size; seat += 1) if (table.statusOf(seat) === BLOCKED) blocked.push(seat);
  return { map: table.plan.map, blocked };
}

function writtenReservations(rows: Iterable<[string, HeldReservation]>, ownPrice: Money): WrittenReservations {
  const ids: string[] = [];
  const accountIds: string[] = [];
  const quantities: number[] = [];
  const expiresAtMs: number[] = [];
  const extended: number[] = [];
  const prices = new Map([[ownPrice, 0]]);
  const priced: number[] = [];
  const kinds: number[] = [];
  const claims: [number, ReservationClaim][] = [];
  const declined: [number, number][] = [];
  const seats: (readonly number[])[] = [];
  const ticketPrices: [number, readonly number[]][] = [];
  for (const [id, reservation] of rows) {
    const row = ids.push(id) - 1;
    accountIds.push(reservation.accountId);
    quantities.push(reservation.quantity);
    expiresAtMs.push(reservation.expiresAtMs);
    extended.push(reservation.extended ? 1 : 0);
    priced.push(priceAmong(prices, reservation.unitPrice));
    kinds.push(KINDS.indexOf(reservation.kind));
    if (reservation.claim !== null) claims.push([row, reservation.claim]);
    if (reservation.declined > 0) declined.push([row, reservation.declined]);
    if (reservation.seats !== undefined) seats.push(reservation.seats);
    if (reservation.prices !== undefined) ticketPrices.push([row, reservation.prices]);
  }
  const columns = { ids, accountIds, quantities, expiresAtMs, extended, priced, kinds };
  const numbered = seats.length === 0 ? {} : { seats };
  return { ...columns, prices: [...prices.keys()], claims, declined, ...numbered, ticketPrices };
}

function priceAmong(prices: Map<Money, number>, price: Money): number {
  const known = prices.get(price);
  if (known !== undefined) return known;
  const place = prices.size;
  prices.set(price, place);
  return place;
}

/** A plain loop over the columns: the first command after a restart waits for it. */
function readReservations(columns: WrittenReservations, ownPrice: Money): Map<string, HeldReservation> {
  const { ids, accountIds, quantities, expiresAtMs, extended, priced, kinds } = columns;
  const prices = columns.prices.with(0, ownPrice);
  const reservations = new Map<string, HeldReservation>();
  for (let row = 0; row < ids.length; row += 1) {
    reservations.set(ids[row] as string, {
      accountId: accountIds[row] as string,
      quantity: quantities[row] as number,
      unitPrice: prices[priced[row] as number] as Money,
      prices: undefined,
      seats: columns.seats?.[row],
      expiresAtMs: expiresAtMs[row] as number,
      kind: KINDS[kinds[row] as number] as ReservationKind,
      extended: extended[row] === 1,
      declined: 0,
      claim: null,
    });
  }
  const change = (row: number, more: Partial<HeldReservation>): void => {
    const id = ids[row] as string;
    reservations.set(id, { ...(reservations.get(id) as HeldReservation), ...more });
  };
  for (const [row, claim] of columns.claims) change(row, { claim });
  for (const [row, times] of columns.declined) change(row, { declined: times });
  for (const [row, each] of columns.ticketPrices) change(row, { prices: each });
  return reservations;
}

function writtenBooked(rows: Iterable<[string, BookedTickets]>): WrittenBooked {
  const ids: string[] = [];
  const accountIds: string[] = [];
  const bookingIds: string[] = [];
  const quantities: number[] = [];
  const returned: [number, readonly number[]][] = [];
  const seats: (readonly number[])[] = [];
  for (const [id, tickets] of rows) {
    const row = ids.push(id) - 1;
    accountIds.push(tickets.accountId);
    bookingIds.push(tickets.bookingId);
    quantities.push(tickets.quantity);
    if (tickets.returned.length > 0) returned.push([row, tickets.returned]);
    if (tickets.seats !== undefined) seats.push(tickets.seats);
  }
  return { ids, accountIds, bookingIds, quantities, returned, ...(seats.length === 0 ? {} : { seats }) };
}

function readBooked({ ids, accountIds, bookingIds, quantities, ...few }: WrittenBooked): Map<string, BookedTickets> {
  const returned = new Map(few.returned);
  const none: readonly number[] = [];
  const booked = new Map<string, BookedTickets>();
  for (let row = 0; row < ids.length; row += 1) {
    booked.set(ids[row] as string, {
      accountId: accountIds[row] as string,
      bookingId: bookingIds[row] as string,
      quantity: quantities[row] as number,
      returned: returned.get(row) ?? none,
      seats: few.seats?.[row],
    });
  }
  return booked;
}

function writtenWaitlist(waiting: Iterable<WaitingEntry>): WrittenWaitlist {
  const entryIds: string[] = [];
  const accountIds: string[] = [];
  const quantities: number[] = [];
  const offerTtlSeconds: number[] = [];
  for (const entry of waiting) {
    entryIds.push(entry.entryId);
    accountIds.push(entry.accountId);
    quantities.push(entry.quantity);
    offerTtlSeconds.push(entry.offerTtlSeconds);
  }
  return { entryIds, accountIds, quantities, offerTtlSeconds };
}

function readWaitlist({ entryIds, accountIds, quantities, offerTtlSeconds }: WrittenWaitlist): WaitingEntry[] {
  return entryIds.map((entryId, row) => ({
    entryId,
    accountId: accountIds[row] as string,
    quantity: quantities[row] as number,
    offerTtlSeconds: offerTtlSeconds[row] as number,
  }));
}

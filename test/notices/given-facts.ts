import type { Account } from "../../src/accounts/accounts.ts";
import type { Position } from "../../src/eventstore/port.ts";
import type {
  BookingFacts,
  CartFacts,
  EntryFacts,
  EventFacts,
  NoticeFacts,
  ResetFacts,
} from "../../src/notices/facts.ts";

export const EVENT = "018f0000-0000-7000-8000-0000000000e1";
export const OTHER_EVENT = "018f0000-0000-7000-8000-0000000000e2";
export const REGULAR = "018f0000-0000-7000-8000-0000000000a1";
export const VIP = "018f0000-0000-7000-8000-0000000000a2";
export const ANN = "018f0000-0000-7000-8000-0000000000b1";
export const RESERVATION = "018f0000-0000-7000-8000-000000000901";

export const CONCERT: EventFacts = {
  eventId: EVENT,
  status: "ACTIVE",
  name: "Winter Songs",
  startsAt: "2026-03-01T20:00:00.000Z",
  endsAt: "2026-03-01T22:30:00.000Z",
  timeZone: "Europe/Berlin",
  venue: { name: "Old Hall", address: "Market 1", city: "Leipzig", country: "DE" },
  ticketTypes: [
    { ticketTypeId: REGULAR, name: "Regular" },
    { ticketTypeId: VIP, name: "VIP" },
  ],
};

export const OTHER_CONCERT: EventFacts = {
  ...CONCERT,
  eventId: OTHER_EVENT,
  name: "Summer Songs",
  startsAt: null,
  endsAt: null,
  timeZone: null,
  venue: null,
};

/** Two regular tickets, paid for. */
export const bookingFacts = (bookingId: string, change: Partial<BookingFacts> = {}): BookingFacts => ({
  bookingId,
  accountId: ANN,
  status: "PAID",
  lines: [{ reservationId: RESERVATION, eventId: EVENT, ticketTypeId: REGULAR, quantity: 2 }],
  total: { amount: 9000, currency: "EUR" },
  expiresAt: "2026-02-01T12:15:00.000Z",
  refunds: [],
  tickets: [
    { ticketTypeId: REGULAR, code: "code-one", status: "VALID" },
    { ticketTypeId: REGULAR, code: "code-two", status: "VALID" },
  ],
  ...change,
});

export const entryFacts = (entryId: string, change: Partial<EntryFacts> = {}): EntryFacts => ({
  entryId,
  eventId: EVENT,
  ticketTypeId: VIP,
  quantity: 1,
  status: "WAITING",
  ...change,
});

/** Facts as a spec says they are; what it does not say is not there. */
export class GivenFacts implements NoticeFacts {
  reached: Position | null = 1_000_000n;
  readonly bookings = new Map<string, BookingFacts>();
  readonly events = new Map<string, EventFacts>([
    [EVENT, CONCERT],
    [OTHER_EVENT, OTHER_CONCERT],
  ]);
  readonly entries = new Map<string, EntryFacts>();
  readonly carts = new Map<string, CartFacts>();
  readonly resets = new Map<string, ResetFacts>();
  holders: readonly string[] = [];
  /** How often each was asked for. */
  readonly asked: string[] = [];

  async checkpoint(): Promise<Position | null> {
    return this.reached;
  }
  async booking(bookingId: string): Promise<BookingFacts | null> {
    return this.bookings.get(bookingId) ?? null;
  }
  async event(eventId: string): Promise<EventFacts | null> {
    this.asked.push(eventId);
    return this.events.get(eventId) ?? null;
  }
  async entry(entryId: string): Promise<EntryFacts | null> {
    return this.entries.get(entryId) ?? null;
  }
  async cart(_accountId: string, cartId: string): Promise<CartFacts | null> {
    return this.carts.get(cartId) ?? null;
  }
  async passwordReset(resetId: string): Promise<ResetFacts | null> {
    return this.resets.get(resetId) ?? null;
  }
  async ticketHolders(_eventId: string, { cursor, limit }: { readonly cursor: string | null; readonly limit: number }) {
    const rest = this.holders.filter((accountId) => cursor === null || accountId > cursor);
    const accountIds = rest.slice(0, limit);
    return { accountIds, next: rest.length > limit ? (accountIds.at(-1) ?? null) : null };
  }
}

/** Everybody has an account, whose address is under its id, but for those that a spec names. */
export function givenAccounts() {
  const erased = new Set<string>();
  const withoutAddress = new Set<string>();
  return {
    erased,
    withoutAddress,
    async find(accountId: string): Promise<Account | null> {
      if (erased.has(accountId)) return null;
      const email = withoutAddress.has(accountId) ? null : addressOf(accountId);
      const person = { accountId, email, name: null, roles: [], guest: true, suspended: false };
      return { ...person, createdAt: "2026-01-01T00:00:00.000Z" };
    },
  };
}

export const addressOf = (accountId: string): string => `${accountId}@example.org`;

import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type {
  CapacityChanged,
  EventTerms,
  EventTermsChanged,
  InventoryOpened,
  InventoryPublished,
  InventoryRemoved,
  PauseScope,
  ReservationExtended,
  ReservationReleased,
  ReservationsExpired,
  SalePaused,
  SaleResumed,
  TicketsReserved,
  TicketTypeTerms,
  TicketTypeTermsChanged,
} from "../../src/domain/inventory-events.ts";
import { specsOf } from "./given.ts";
import { later, morning, ms, noon } from "./times.ts";

/** The words in which the specs of an inventory are written; what they leave unsaid stands here. */
export const given = specsOf(inventory);

export const HOLD_TTL_MS = 600_000;
export const price = { amount: 4500, currency: "EUR" };

/** On sale since the morning, for ever, to everybody, each hold for ten minutes. */
export const eventTerms = (terms: Partial<EventTerms> = {}): EventTerms => ({
  saleStartsAt: morning,
  saleEndsAt: null,
  endsAt: null,
  holdTtlSeconds: HOLD_TTL_MS / 1000,
  guestsAllowed: true,
  ...terms,
});

interface Opening extends Partial<TicketTypeTerms> {
  readonly capacity?: number;
  readonly draft?: boolean;
  readonly event?: Partial<EventTerms>;
}

export function opened({ capacity = 10, draft = false, event = {}, ...terms }: Opening = {}): InventoryOpened {
  return {
    type: "InventoryOpened",
    data: {
      eventId: "concert",
      ticketTypeId: "regular",
      organizerId: "olga",
      ordinal: 0,
      capacity,
      draft,
      terms: {
        name: "Regular",
        description: null,
        price,
        saleStartsAt: null,
        saleEndsAt: null,
        maxPerUser: null,
        maxPerOrder: 100,
        ...terms,
      },
      eventTerms: eventTerms(event),
    },
  };
}

export const published = (): InventoryPublished => ({ type: "InventoryPublished", data: {} });

export const termsChanged = (terms: Partial<EventTerms>): EventTermsChanged => ({
  type: "EventTermsChanged",
  data: eventTerms(terms),
});

export const capacityChanged = (previousCapacity: number, capacity: number): CapacityChanged => ({
  type: "CapacityChanged",
  data: { capacity, previousCapacity },
});

export const salePaused = (scope: PauseScope = "event"): SalePaused => ({ type: "SalePaused", data: { scope } });

export const saleResumed = (scope: PauseScope = "event"): SaleResumed => ({ type: "SaleResumed", data: { scope } });

/** By default on sale since the morning, for ever. */
export const typeChanged = (
  changes: Partial<TicketTypeTerms>,
  { saleStartsAt = morning, saleEndsAt = null }: { saleStartsAt?: string; saleEndsAt?: string | null } = {},
): TicketTypeTermsChanged => ({ type: "TicketTypeTermsChanged", data: { changes, saleStartsAt, saleEndsAt } });

export const inventoryRemoved = (capacity = 10): InventoryRemoved => ({ type: "InventoryRemoved", data: { capacity } });

export const reserved = (
  reservationId: string,
  {
    by: accountId = "ada",
    quantity = 1,
    expiresAt = later(noon, HOLD_TTL_MS),
  }: { by?: string; quantity?: number; expiresAt?: string } = {},
): TicketsReserved => ({
  type: "TicketsReserved",
  data: { reservationId, accountId, quantity, unitPrice: price, expiresAt },
});

export const extended = (reservationId: string, previousExpiresAt: string, expiresAt: string): ReservationExtended => ({
  type: "ReservationExtended",
  data: { reservationId, previousExpiresAt, expiresAt },
});

export const released = (reservationId: string, quantity = 1): ReservationReleased => ({
  type: "ReservationReleased",
  data: { reservationId, quantity },
});

/** Ids of reservations of one ticket, or `[id, quantity]`. */
export const expired = (...reservations: readonly (string | readonly [string, number])[]): ReservationsExpired => ({
  type: "ReservationsExpired",
  data: {
    reservations: reservations.map((one) => {
      const [reservationId, quantity] = typeof one === "string" ? [one, 1] : one;
      return { reservationId, quantity };
    }),
  },
});

/** All commands come at noon unless they say otherwise. */
interface Moment {
  readonly at?: string;
}

interface Reserving extends Moment {
  readonly by?: string;
  readonly guest?: boolean;
  readonly quantity?: number;
  readonly holdTtlSeconds?: number | null;
}

export const reserve = (
  reservationId: string,
  { by: accountId = "ada", guest = false, quantity = 1, holdTtlSeconds = null, at = noon }: Reserving = {},
): InventoryCommand => ({ type: "Reserve", reservationId, accountId, guest, quantity, holdTtlSeconds, atMs: ms(at) });

interface OnReservation extends Moment {
  readonly by?: string;
}

export const extend = (
  reservationId: string,
  { by: accountId = "ada", at = noon }: OnReservation = {},
): InventoryCommand => ({ type: "Extend", reservationId, accountId, atMs: ms(at) });

export const release = (
  reservationId: string,
  { by: accountId = "ada", at = noon }: OnReservation = {},
): InventoryCommand => ({ type: "Release", reservationId, accountId, atMs: ms(at) });

export const open = (opening: Opening = {}): InventoryCommand => ({
  type: "OpenInventory",
  data: opened(opening).data,
  atMs: ms(noon),
});

export const publish = ({ at = noon }: Moment = {}): InventoryCommand => ({ type: "PublishInventory", atMs: ms(at) });

export const changeTerms = (terms: Partial<EventTerms>): InventoryCommand => ({
  type: "ChangeEventTerms",
  eventTerms: eventTerms(terms),
  atMs: ms(noon),
});

export const changeCapacity = (capacity: number, { at = noon }: Moment = {}): InventoryCommand => ({
  type: "ChangeCapacity",
  capacity,
  atMs: ms(at),
});

export const pause = (scope: PauseScope = "event"): InventoryCommand => ({
  type: "SetPaused",
  scope,
  paused: true,
  atMs: ms(noon),
});

export const resume = (scope: PauseScope = "event", { at = noon }: Moment = {}): InventoryCommand => ({
  type: "SetPaused",
  scope,
  paused: false,
  atMs: ms(at),
});

export const changeType = (changes: Partial<TicketTypeTerms>, currency = price.currency): InventoryCommand => ({
  type: "ChangeTicketTypeTerms",
  changes,
  currency,
  atMs: ms(noon),
});

export const removeInventory = ({ at = noon }: Moment = {}): InventoryCommand => ({
  type: "RemoveInventory",
  atMs: ms(at),
});

export const lapseDue = ({ at = noon }: Moment = {}): InventoryCommand => ({ type: "LapseDue", atMs: ms(at) });

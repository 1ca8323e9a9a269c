import type { InventoryCommand } from "../../src/domain/inventory.ts";
import type { TicketsOffered, WaitlistEnded, WaitlistJoined, WaitlistLeft } from "../../src/domain/inventory-events.ts";
import { opened, price, reserved } from "./inventory-words.ts";
import { later, ms, noon } from "./times.ts";

/** The words in which the specs of the waitlist are written, beside those of the inventory. */

export const OFFER_TTL_MS = 3_600_000;

/** Three tickets, all of which Eve holds. */
export const soldOut = [
  opened({ capacity: 3 }),
  reserved("r1", { by: "eve" }),
  reserved("r2", { by: "eve", quantity: 2 }),
] as const;
export const byEve = { by: "eve" } as const;

interface Entry {
  readonly by?: string;
  readonly quantity?: number;
  readonly offerTtlSeconds?: number;
}

/** In the waitlist, each account under an entry named like it. */
export const joined = (
  entryId: string,
  place: number,
  { by: accountId = entryId, quantity = 1, offerTtlSeconds = OFFER_TTL_MS / 1_000 }: Entry = {},
): WaitlistJoined => ({ type: "WaitlistJoined", data: { entryId, accountId, quantity, offerTtlSeconds, place } });

/** Entries by name, for one ticket each, or `[entry, quantity]`; all until an hour after noon. */
export const offered = (...offers: readonly (string | readonly [string, number])[]): TicketsOffered =>
  offeredUntil(later(noon, OFFER_TTL_MS), ...offers);

export const offeredUntil = (
  expiresAt: string,
  ...offers: readonly (string | readonly [string, number])[]
): TicketsOffered => ({
  type: "TicketsOffered",
  data: {
    unitPrice: price,
    offers: offers.map((one) => {
      const [entryId, quantity] = typeof one === "string" ? [one, 1] : one;
      return { entryId, accountId: entryId, quantity, expiresAt };
    }),
  },
});

export const left = (entryId: string, by = entryId): WaitlistLeft => ({
  type: "WaitlistLeft",
  data: { entryId, accountId: by },
});

export const ended = (reason: WaitlistEnded["data"]["reason"], ...entryIds: readonly string[]): WaitlistEnded => ({
  type: "WaitlistEnded",
  data: { reason, entries: entryIds.map((entryId) => ({ entryId, accountId: entryId })) },
});

interface Joining extends Entry {
  readonly guest?: boolean;
  readonly at?: string;
}

export const join = (
  entryId: string,
  { by = entryId, guest = false, quantity = 1, offerTtlSeconds = OFFER_TTL_MS / 1_000, at = noon }: Joining = {},
): InventoryCommand => ({
  type: "JoinWaitlist",
  entryId,
  accountId: by,
  guest,
  quantity,
  offerTtlSeconds,
  atMs: ms(at),
});

export const leave = (entryId: string, { by = entryId, at = noon } = {}): InventoryCommand => ({
  type: "LeaveWaitlist",
  entryId,
  accountId: by,
  atMs: ms(at),
});

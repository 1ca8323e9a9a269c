import type { Boxoffice } from "./boxoffice.ts";
import { derivedId } from "./commands/derived-id.ts";
import { sha256 } from "./eventstore/envelope.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const ORGANIZER = derivedId("the demo event's organizer");

export interface DemoEvent {
  readonly eventId: string;
  /** Of the ticket type that the first sale is tried on. */
  readonly ticketTypeId: string;
}

/**
 * Puts an event on sale in an empty store, for a first look; null when the store has events already. Several nodes that
 * start at once make the same one, because it has a key like any other command.
 */
export async function openDemoEvent(boxoffice: Boxoffice, nowMs: number): Promise<DemoEvent | null> {
  if (boxoffice.events === null || !(await boxoffice.isEmpty())) return null;
  const startsAt = new Date(nowMs + 60 * DAY_MS).toISOString();
  const commandId = crypto.randomUUID();
  const key = sha256("the demo event");
  const terms = { description: null, saleStartsAt: null, saleEndsAt: null };
  const outcome = await boxoffice.events.create(
    {
      organizerId: ORGANIZER,
      code: null,
      currency: "EUR",
      draft: false,
      details: {
        name: "Opening Night",
        description: "The event that a fresh Boxoffice opens with, so that there is something to buy.",
        venue: { name: "Riverside Arena", address: null, city: "Berlin", country: "Germany" },
        performers: [{ name: "The Expected Revisions", bio: null }],
        startsAt,
        endsAt: null,
        timeZone: "Europe/Berlin",
        saleStartsAt: null,
        saleEndsAt: null,
        capacity: null,
        additionalInfo: null,
        holdTtlSeconds: 600,
        guestsAllowed: true,
        refundPolicy: null,
      },
      ticketTypes: [
        {
          capacity: 100,
          terms: { ...terms, name: "VIP", price: { amount: 14_900, currency: "EUR" }, maxPerUser: 4, maxPerOrder: 4 },
        },
        {
          capacity: 5_000,
          terms: {
            ...terms,
            name: "Regular",
            price: { amount: 4_500, currency: "EUR" },
            maxPerUser: null,
            maxPerOrder: 10,
          },
        },
      ],
    },
    {
      actor: { process: "demo" },
      commandId,
      correlationId: commandId,
      causationId: null,
      requestId: null,
      idempotency: { keyHash: key, bodyHash: key },
    },
  );
  if (!outcome.accepted) throw new Error(`the demo event was refused: ${outcome.code}`);
  const [, regular] = outcome.inventories;
  return { eventId: outcome.listing.eventId, ticketTypeId: regular?.ticketTypeId ?? "" };
}

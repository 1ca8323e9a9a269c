import { z } from "zod";
import type { Joined } from "../../commands/waitlist.ts";
import type { WaitlistEntry } from "../../projections/waitlist/queries.ts";
import { time } from "../conventions/fields.ts";
import { listQuery } from "../conventions/lists.ts";

/**
 * What `POST /events/{eventId}/waitlist` takes. Ids are opaque: one of another form is of no ticket type (404). A
 * quantity beyond the ticket type's limits is for the inventory to refuse, in its turn (409).
 */
export const newWaitlistEntry = z
  .strictObject({ ticketTypeId: z.string().toLowerCase(), quantity: z.int().min(1) })
  .meta({
    id: "NewWaitlistEntry",
    examples: [{ ticketTypeId: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11", quantity: 2 }],
  });

/** An entry, wherever one is answered. */
export const waitlistEntry = z
  .strictObject({
    entryId: z.string(),
    eventId: z.string(),
    ticketTypeId: z.string(),
    quantity: z.int(),
    status: z.enum(["WAITING", "OFFERED", "TAKEN", "LAPSED", "LEFT", "ENDED"]),
    place: z.int().min(1).nullable().meta({ description: "From 1, while WAITING" }),
    reservationId: z
      .string()
      .nullable()
      .meta({ description: "Of the tickets that were offered, to be bought with it" }),
    offerExpiresAt: time.nullable().meta({ description: "Until when an offer stands" }),
    joinedAt: time,
  })
  .meta({ id: "WaitlistEntry" });

/** The same for the organizer, who is told whose it is. */
export const organizersEntry = waitlistEntry.extend({ accountId: z.string() }).meta({ id: "WaitlistEntryOfEvent" });

export const waitlistQuery = z.strictObject(listQuery);

export type WaitlistEntryView = z.input<typeof waitlistEntry>;

/** The answer to somebody who has just joined. */
export const joinedView = (
  eventId: string,
  ticketTypeId: string,
  { entryId, quantity, place, joinedAt }: Joined,
): WaitlistEntryView => ({
  entryId,
  eventId,
  ticketTypeId,
  quantity,
  status: "WAITING",
  place,
  reservationId: null,
  offerExpiresAt: null,
  joinedAt,
});

/** An entry as whoever waits is shown it. */
export function waitlistEntryView(found: WaitlistEntry): WaitlistEntryView {
  const { entryId, eventId, ticketTypeId, quantity, status, place, reservationId, offerExpiresAt, joinedAt } = found;
  return { entryId, eventId, ticketTypeId, quantity, status, place, reservationId, offerExpiresAt, joinedAt };
}

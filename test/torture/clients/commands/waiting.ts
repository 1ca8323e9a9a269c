import type { OwnEntry } from "../belongings.ts";
import type { Buyer } from "../buyer.ts";
import type { Command, Told, Wish } from "../wish.ts";
import { OF_SALE, onSale } from "./reserving.ts";

interface EntryBody {
  readonly entryId: string;
  readonly status: string;
  readonly reservationId: string | null;
}

export const waiting: readonly Command[] = [
  {
    name: "join a waitlist",
    weight: 14,
    wish: (buyer) =>
      onSale(buyer, ({ eventId, ticketTypeId }, quantity) => ({
        ...{ method: "POST", route: "/events/:eventId/waitlist", of: [eventId], as: buyer.me, isKeyed: true },
        body: { ticketTypeId, quantity },
        otherBody: { ticketTypeId, quantity: quantity + 1 },
        refusals: [...OF_SALE.filter((code) => code !== "sold-out"), "tickets-available", "already-waiting"],
        readBack: ({ body }) => entryAt((body as EntryBody).entryId),
        took: ({ body }) => {
          const { entryId } = body as EntryBody;
          if (buyer.me !== null) buyer.own.entries.add({ entryId, eventId, ticketTypeId, as: buyer.me });
        },
      })),
  },
  {
    name: "look at entry",
    weight: 14,
    wish: (buyer) =>
      ofEntry(buyer, (entry) => ({
        ...{ method: "GET", route: "/waitlist/:entryId", of: [entry.entryId], as: entry.as, isKeyed: false },
        refusals: [],
        took: (told) => takeOffer(buyer, entry, told),
      })),
  },
  {
    name: "leave a waitlist",
    weight: 3,
    wish: (buyer) =>
      ofEntry(buyer, ({ entryId, as }) => ({
        ...{ method: "DELETE", route: "/waitlist/:entryId", of: [entryId], as, isKeyed: false },
        refusals: ["payment-in-progress"],
        readBack: () => entryAt(entryId),
        took: () => buyer.own.entries.drop((one) => one.entryId === entryId),
      })),
  },
];

const entryAt = (entryId: string) => ({ name: "look at entry", route: "/waitlist/:entryId", of: [entryId] });

function ofEntry(buyer: Buyer, wish: (entry: OwnEntry) => Wish): Wish | null {
  const own = buyer.own.entries.all;
  return own.length === 0 ? null : wish(buyer.chance.of(own));
}

/** What is offered can be bought as if he had reserved it. */
function takeOffer(buyer: Buyer, { entryId, eventId, ticketTypeId, as }: OwnEntry, { body }: Told): void {
  const { status, reservationId } = body as EntryBody;
  if (status === "WAITING") return;
  buyer.own.entries.drop((one) => one.entryId === entryId);
  if (status !== "OFFERED" || reservationId === null) return;
  // What it costs is not told here: it is bought with a payment, which does no harm where it is free.
  buyer.own.reservations.add({ reservationId, eventId, ticketTypeId, totalMinor: 1, as, paymentToken: null });
}

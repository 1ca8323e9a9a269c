import { inventoryStream } from "../../../src/eventstore/streams.ts";
import type { Entry } from "../history/history.ts";
import type { TortureRecord } from "./record.ts";

/** The one inventory that a command is about. */
export interface Subject {
  readonly stream: string;
  readonly quantity: number | null;
  readonly reservationId: string | null;
  readonly isLine: boolean;
  readonly capacity: number | null;
}

type Body = Readonly<Record<string, unknown>>;

/** What a command was about, by what was sent; null: no inventory, several, or one that is not told. */
export function subjectOf({ method, route, path, body }: Entry, record: TortureRecord): Subject | null {
  const sent = (body ?? {}) as Body;
  const part = (place: number) => path.split("/")[place] ?? "";
  const ofType = (eventId: unknown, ticketTypeId: unknown, more: Partial<Subject> = {}): Subject => ({
    ...{ quantity: null, reservationId: null, isLine: false, capacity: null },
    stream: inventoryStream(String(eventId), String(ticketTypeId)),
    ...more,
  });
  const ofReservation = (reservationId: unknown): Subject | null => {
    const stream = record.streamOf.get(String(reservationId));
    if (stream === undefined) return null;
    return { stream, quantity: null, reservationId: String(reservationId), isLine: false, capacity: null };
  };
  switch (`${method} ${route}`) {
    case "POST /events/:eventId/reservations":
    case "POST /events/:eventId/waitlist":
      return ofType(part(2), sent.ticketTypeId, { quantity: Number(sent.quantity) });
    case "POST /ticket/reserve":
      return ofType(sent.eventID, sent.ticketType, { quantity: Number(sent.ticketCount) });
    case "POST /holds": {
      const [stream, another] = record.inventoriesOf.get(String(sent.event_id)) ?? [];
      if (stream === undefined || another !== undefined) return null;
      return { stream, quantity: Number(sent.qty), reservationId: null, isLine: false, capacity: null };
    }
    case "PUT /cart/items/:ticketTypeId":
      return ofType(sent.eventId, part(3), { quantity: Number(sent.quantity), isLine: true });
    case "PATCH /events/:eventId/ticket-types/:ticketTypeId":
      return ofType(part(2), part(4), { capacity: typeof sent.capacity === "number" ? sent.capacity : null });
    case "DELETE /events/:eventId/ticket-types/:ticketTypeId":
      return ofType(part(2), part(4));
    case "POST /reservations/:reservationId/extend":
    case "DELETE /reservations/:reservationId":
      return ofReservation(part(2));
    case "POST /ticket/confirmReservation":
      return ofReservation(sent.reservationId);
    case "POST /book":
      return ofReservation(sent.hold_id);
    case "POST /purchases": {
      const ids = sent.reservationIds as readonly string[] | undefined;
      return ids?.length === 1 ? ofReservation(ids[0]) : null;
    }
    default:
      return null;
  }
}

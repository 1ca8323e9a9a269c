import { endOf } from "../../domain/listing.ts";
import type { ListingDetails } from "../../domain/listing-events.ts";
import type { RecordedEventStatus } from "./table.ts";

export type EventStatus = "DRAFT" | "ACTIVE" | "CANCELLED" | "ENDED";

export type SaleStatus = "UPCOMING" | "OPEN" | "PAUSED" | "CLOSED" | "SOLD_OUT";

/** What decides about a ticket type's sale, besides the event's status and the time. */
export interface SaleTerms {
  /** null: as the event's. */
  readonly saleStartsAt: string | null;
  readonly saleEndsAt: string | null;
  /** By itself or with the event. */
  readonly isPaused: boolean;
  readonly available: number;
}

/** Where an event stands at an instant: one that was active is over when its time is, without anybody recording it. */
export function eventStatusAt(
  event: { readonly status: RecordedEventStatus; readonly details: Pick<ListingDetails, "startsAt" | "endsAt"> },
  nowMs: number,
): EventStatus {
  const end = endOf(event.details);
  return event.status === "ACTIVE" && end !== null && Date.parse(end) <= nowMs ? "ENDED" : event.status;
}

/**
 * Whether somebody could buy a ticket of this type at an instant, and if not, why not, in the order of the refusals. A
 * draft's sale is still to come; dates count before stock, so that a sale that is over is CLOSED also when it sold out.
 */
export function saleStatusAt(
  eventStatus: EventStatus,
  details: Pick<ListingDetails, "saleStartsAt" | "saleEndsAt">,
  terms: SaleTerms,
  nowMs: number,
): SaleStatus {
  if (eventStatus === "CANCELLED" || eventStatus === "ENDED") return "CLOSED";
  if (eventStatus === "ACTIVE" && terms.isPaused) return "PAUSED";
  const saleEndsAt = terms.saleEndsAt ?? details.saleEndsAt;
  if (saleEndsAt !== null && Date.parse(saleEndsAt) <= nowMs) return "CLOSED";
  const saleStartsAt = terms.saleStartsAt ?? details.saleStartsAt;
  if (eventStatus === "DRAFT" || nowMs < Date.parse(saleStartsAt)) return "UPCOMING";
  return terms.available > 0 ? "OPEN" : "SOLD_OUT";
}

/** The next instant at which the status of an event or of a sale may change by itself, in epoch milliseconds. */
export function nextStatusChange(
  details: Pick<ListingDetails, "startsAt" | "endsAt" | "saleStartsAt" | "saleEndsAt">,
  sales: readonly Pick<SaleTerms, "saleStartsAt" | "saleEndsAt">[],
  nowMs: number,
): number {
  const instants = [endOf(details), ...[details, ...sales].flatMap((sale) => [sale.saleStartsAt, sale.saleEndsAt])];
  const ahead = instants.flatMap((time) => (time === null || Date.parse(time) <= nowMs ? [] : [Date.parse(time)]));
  return Math.min(...ahead);
}

import type { HttpClient } from "../../test/system/http-client.ts";
import { expectStatus, organizer } from "../../test/system/shop.ts";
import type { Show } from "./crowd/buyer.ts";
import type { RehearsalPlan } from "./plan.ts";

/** An event with a waiting room, and its organizer's token. */
export interface StagedShow extends Show {
  readonly organizerToken: string;
}

const PRICE = { amount: 4_500, currency: "EUR" };
const SEATS_A_ROW = 50;
const ROWS_A_SECTION = 20;

/** Puts an event on sale whose waiting room opens at that time; from then on nobody reserves without an admission. */
export async function stage(client: HttpClient, plan: RehearsalPlan, opensAtMs: number): Promise<StagedShow> {
  const token = await organizer(client);
  const { capacity, seats, holdTtlSeconds, admitPerMinute } = plan;
  const what = seats ? { seatMap: hallOf(capacity) } : { capacity };
  const ticketTypes = [{ name: "Regular", price: PRICE, ...what }];
  const event = { name: "Rehearsal", holdTtlSeconds, ticketTypes };
  const made = await expectStatus(201, client.call("POST", "/events", { token, body: event }));
  const { eventId, ticketTypes: types } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
  const body = { enabled: true, opensAt: new Date(opensAtMs).toISOString(), admitPerMinute };
  await expectStatus(200, client.call("PUT", `/events/${eventId}/waiting-room`, { token, body }));
  const ticketTypeId = types[0]?.ticketTypeId as string;
  return { eventId, ticketTypeId, opensAtMs, seats, holdTtlSeconds, organizerToken: token };
}

/** So many seats in rows of 50; what comes first is better. */
function hallOf(capacity: number): object {
  const rows = Array.from({ length: Math.ceil(capacity / SEATS_A_ROW) }, (_, row) => ({
    name: `${row + 1}`,
    seats: `1-${Math.min(SEATS_A_ROW, capacity - row * SEATS_A_ROW)}`,
    quality: Math.max(0, 1_000 - row),
  }));
  const sections = Array.from({ length: Math.ceil(rows.length / ROWS_A_SECTION) }, (_, section) => ({
    name: `S${section + 1}`,
    rows: rows.slice(section * ROWS_A_SECTION, (section + 1) * ROWS_A_SECTION),
  }));
  return { sections };
}

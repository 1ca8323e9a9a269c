import { ADMISSION_MS } from "../../../src/domain/waiting-room/calls.ts";
import type { HttpReply } from "../../../test/system/http-client.ts";
import { codeOf, type OnSale } from "../../../test/system/shop.ts";
import { type Door, NoAnswer } from "./door.ts";
import type { InTheShop, Paying, Persona } from "./persona.ts";
import type { BuyerRecord, Ending } from "./record.ts";

/** What buyers are for. */
export interface Show extends OnSale {
  readonly opensAtMs: number;
  readonly seats: boolean;
  readonly holdTtlSeconds: number;
}

interface Buying {
  readonly show: Show;
  readonly door: Door;
  readonly token: string;
  readonly persona: Persona;
  readonly record: BuyerRecord;
}

interface Place {
  readonly place: number | null;
  readonly askAgainSeconds?: number;
  readonly tickets: "AVAILABLE" | "HELD" | "SOLD_OUT" | "OVER";
  readonly admissionToken?: string;
  readonly expiresAt?: string;
}

const TRIES_IN_THE_SHOP = 4;
const LOOKS_AT_A_PAYMENT = 30;

/** A buyer's day, from his arrival on. What he sees goes into his record; nothing is thrown. */
export async function live(buying: Buying): Promise<void> {
  const { record, door, show, persona } = buying;
  try {
    await door.rest(Math.max(0, show.opensAtMs + persona.arrivesMs - Date.now()));
    record.ending = await visit(buying);
  } catch (error) {
    record.ending = error instanceof NoAnswer ? "failed" : "broken off";
  }
  record.leftAtMs ??= Date.now();
}

async function visit(buying: Buying): Promise<Ending> {
  const entryToken = await enter(buying);
  if (entryToken === null) return "failed";
  const admission = await standInLine(buying, entryToken);
  if (typeof admission === "string") return admission;
  return shop(buying, admission.token, buying.persona.inTheShop);
}

const room = ({ eventId }: OnSale) => `/events/${eventId}/waiting-room`;

/** Enters, and reloads the page a few times, keeping what it was given first, as a page does. */
async function enter({ show, door, token, persona, record }: Buying): Promise<string | null> {
  let kept: string | null = null;
  for (let times = 0; times <= persona.reloads; times += 1) {
    const reply = await door.ask("enter", "POST", `${room(show)}/entries`, { token });
    if (reply.status !== 201) return kept;
    const { entryToken, second } = reply.body as { entryToken: string; second: number };
    kept ??= entryToken;
    record.second ??= second;
    record.enteredAtMs ??= Date.now();
    if (times < persona.reloads) await door.rest(300 + 700 * persona.restlessness);
  }
  return kept;
}

/** Looks at his place until he is called, or goes away. */
async function standInLine(buying: Buying, entryToken: string): Promise<{ readonly token: string } | Ending> {
  const { show, door, persona, record } = buying;
  const until = Date.now() + (persona.patienceMs ?? Number.POSITIVE_INFINITY);
  // The page looks when it opens, but not everybody's in the same instant.
  await door.rest(Math.max(0, show.opensAtMs - Date.now()) + 2_000 * persona.restlessness);
  while (Date.now() < until) {
    const askedAtMs = Date.now();
    const headers = { "entry-token": entryToken };
    const reply = await door.ask("place", "GET", `${room(show)}/place`, { headers });
    if (reply.status !== 200) return "failed";
    const { admissionToken, expiresAt, ...standing } = reply.body as Place;
    if (admissionToken !== undefined && expiresAt !== undefined) {
      record.calledAtMs = Date.parse(expiresAt) - ADMISSION_MS;
      return { token: admissionToken };
    }
    if (standing.tickets === "SOLD_OUT" || standing.tickets === "OVER") return "told in the line that all are gone";
    if (standing.place !== null) record.waitedAtMs = askedAtMs;
    await door.rest(Math.min(nextLookMs(standing, persona), Math.max(1, until - Date.now())));
  }
  return "left the line";
}

/** When the page is told to, sooner or later by who he is. */
const nextLookMs = ({ askAgainSeconds = 5 }: Omit<Place, "tickets">, { restlessness }: Persona): number =>
  1_000 * restlessness * askAgainSeconds;

async function shop(buying: Buying, admission: string, inTheShop: InTheShop): Promise<Ending> {
  const { door, persona, record } = buying;
  await door.rest(persona.thinksMs);
  if (inTheShop.does === "looks-only") return "only looked";
  const reservationId = await reserve(buying, admission);
  if (reservationId === null) return "called, and found none left";
  await door.rest(inTheShop.thenMs);
  switch (inTheShop.then) {
    case "lets-it-lapse":
      return "let it lapse";
    case "gives-back": {
      const { token } = buying;
      await door.ask("reserve", "DELETE", `/reservations/${reservationId}`, { token });
      return "gave it back";
    }
    default:
      return pay(buying, reservationId, inTheShop.then).finally(() => {
        record.leftAtMs = Date.now();
      });
  }
}

/** Asks for as many as he wants, else for what is left; a few times. */
async function reserve({ show, door, token, persona, record }: Buying, admission: string): Promise<string | null> {
  let quantity = persona.tickets;
  const { eventId, ticketTypeId } = show;
  for (let tried = 1; tried <= TRIES_IN_THE_SHOP; tried += 1) {
    const wish = show.seats ? { bestAvailable: quantity, split: true } : { quantity };
    const reply = await door.ask("reserve", "POST", `/events/${eventId}/reservations`, {
      token,
      key: `reserve ${record.accountId} ${tried}`,
      headers: { "admission-token": admission },
      body: { ticketTypeId, ...wish },
    });
    if (reply.status === 201) {
      const { reservationId, seats = [] } = reply.body as { reservationId: string; seats?: readonly string[] };
      record.reservedAtMs = Date.now();
      record.reservationId = reservationId;
      record.seats = seats;
      return reservationId;
    }
    const left = leftBy(reply);
    if (left === null) return null;
    if (left > 0) quantity = Math.min(quantity, left);
    else await door.rest(2_000 * persona.restlessness);
  }
  return null;
}

/** How many there are, where somebody asked for more; null: another refusal. */
const leftBy = (reply: HttpReply): number | null =>
  codeOf(reply) === "sold-out" ? ((reply.body as { available?: number }).available ?? 0) : null;

const METHODS: Readonly<Record<Paying, readonly string[]>> = {
  "at-once": ["sandbox-ok"],
  slowly: ["sandbox-slow"],
  "declined-first": ["sandbox-decline", "sandbox-ok"],
};

async function pay({ door, token, record }: Buying, reservationId: string, paying: Paying): Promise<Ending> {
  for (const method of METHODS[paying]) {
    const body = { reservationIds: [reservationId], payment: { method } };
    const reply = await door.ask("purchase", "POST", "/purchases", { token, key: `${method} ${reservationId}`, body });
    if (reply.status === 402) continue;
    if (reply.status === 409) return "let it lapse"; // he thought for longer than it was held
    if (reply.status !== 201 && reply.status !== 202) return "failed";
    if (await isPaid(door, token, reply)) {
      record.boughtAtMs = Date.now();
      return "bought";
    }
  }
  return "payment refused";
}

/** Looks at the booking until its payment is decided. */
async function isPaid(door: Door, token: string, reply: HttpReply): Promise<boolean> {
  let booking = reply.body as { bookingId: string; status: string };
  for (let looked = 0; looked < LOOKS_AT_A_PAYMENT; looked += 1) {
    if (booking.status !== "PENDING_PAYMENT") return booking.status === "PAID";
    await door.rest(1_000);
    const seen = await door.ask("purchase", "GET", `/bookings/${booking.bookingId}`, { token });
    booking = seen.body as typeof booking;
  }
  return false;
}

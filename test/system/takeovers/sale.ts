import type { HttpClient } from "../http-client.ts";
import { expectStatus, guests, type OnSale, organizer, reservationIdOf, reserve } from "../shop.ts";

/** So soon reservations are due: there is always something for the timers. */
export const HOLD_SECONDS = 2;

/** A sale that goes on: one reservation after the other, each lapsing soon. */
export interface GoingOn {
  readonly sale: OnSale;
  /** What was acknowledged so far. */
  readonly acknowledged: readonly string[];
  stop(): Promise<void>;
}

/** @throws what the last request failed with, at `stop` */
export async function sellOn(client: HttpClient): Promise<GoingOn> {
  const body = {
    name: "Opening Night",
    holdTtlSeconds: HOLD_SECONDS,
    ticketTypes: [{ name: "Regular", capacity: 100_000 }],
  };
  const made = await expectStatus(201, client.call("POST", "/events", { token: await organizer(client), body }));
  const { eventId, ticketTypes } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
  const sale = { eventId, ticketTypeId: ticketTypes[0]?.ticketTypeId ?? "" };
  const [token = ""] = await guests(client, 1);
  const acknowledged: string[] = [];
  let stopped = false;
  const selling = (async () => {
    for (let number = 1; !stopped; number += 1) {
      const reply = await expectStatus(201, reserve(client, sale, token, `key ${number}`));
      acknowledged.push(reservationIdOf(reply) ?? "");
    }
  })();
  selling.catch(() => {}); // told at the end
  return {
    sale,
    acknowledged,
    stop() {
      stopped = true;
      return selling;
    },
  };
}

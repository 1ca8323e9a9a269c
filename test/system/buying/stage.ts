import type { HttpClient } from "../http-client.ts";
import { expectStatus, type OnSale, organizer } from "../shop.ts";

/** What is on sale. */
export interface Stage {
  /** As good as endless. */
  readonly plenty: readonly OnSale[];
  /** So few tickets that buyers get in each other's way. */
  readonly scarce: readonly OnSale[];
  readonly free: OnSale;
  /** Its organizer calls it off in the middle of the sale. */
  readonly calledOff: { readonly sale: OnSale; readonly organizerToken: string };
}

const PLENTY = 1_000_000;
/** What is not bought by then is free again. */
export const HOLD_SECONDS = 3_600;

/** Opens events with prices of their own; for every one a cancelled ticket gives its whole price back. */
export async function setStage(client: HttpClient, scarceCapacity: number): Promise<Stage> {
  const token = await organizer(client);
  const open = (name: string, capacity: number, prices: readonly number[]) =>
    openEvent(client, token, name, capacity, prices);
  const plenty: OnSale[] = [];
  for (let event = 1; event <= 8; event += 1) {
    plenty.push(...(await open(`Evening ${event}`, PLENTY, [1_000 + event * 111, 4_500 + event])));
  }
  const scarce: OnSale[] = [];
  for (let event = 1; event <= 2; event += 1) scarce.push(...(await open(`Rare ${event}`, scarceCapacity, [9_900])));
  const [free] = await open("Rehearsal", PLENTY, [0]);
  const [sale] = await open("Rainy Day", PLENTY, [2_500]);
  return {
    plenty,
    scarce,
    free: free as OnSale,
    calledOff: { sale: sale as OnSale, organizerToken: token },
  };
}

async function openEvent(
  client: HttpClient,
  token: string,
  name: string,
  capacity: number,
  prices: readonly number[],
): Promise<OnSale[]> {
  const ticketTypes = prices.map((amount, index) => ({
    name: `Class ${index + 1}`,
    capacity,
    price: { amount, currency: "EUR" },
  }));
  const body = { name, holdTtlSeconds: HOLD_SECONDS, ticketTypes };
  const made = await expectStatus(201, client.call("POST", "/events", { token, body }));
  const { eventId, ticketTypes: opened } = made.body as { eventId: string; ticketTypes: { ticketTypeId: string }[] };
  return opened.map(({ ticketTypeId }) => ({ eventId, ticketTypeId }));
}

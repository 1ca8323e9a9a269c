import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { HttpClient } from "../../test/system/http-client.ts";
import { expectStatus } from "../../test/system/shop.ts";
import type { Logged } from "./checker/books.ts";
import type { Seeds } from "./checker/ranks.ts";
import type { StagedShow } from "./show.ts";

const PAGE = 200;

/** The whole log of the show's ticket type, as its organizer may read it. */
export async function logOf(client: HttpClient, show: StagedShow): Promise<readonly Logged[]> {
  const stream = `inventory-${show.eventId}.${show.ticketTypeId}`;
  const log: Logged[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/audit/streams/${stream}?limit=${PAGE}${more}`;
    const { body } = await expectStatus(200, client.call("GET", path, { token: show.organizerToken }));
    const page = body as {
      readonly items: readonly { revision: number; at: string; type: string; data: unknown }[];
      readonly next: string | null;
    };
    for (const { revision, at, type, data } of page.items) {
      log.push({ revision, atMs: Date.parse(at), event: { type, data } as InventoryEvent });
    }
    cursor = page.next;
  } while (cursor !== null);
  return log;
}

/** Closes the room, which has it show both of its seeds. */
export async function closeRoom(client: HttpClient, { eventId, organizerToken: token }: StagedShow): Promise<Seeds> {
  const path = `/events/${eventId}/waiting-room`;
  const { body } = await expectStatus(200, client.call("PUT", path, { token, body: { enabled: false } }));
  const { seed, laterSeed } = body as { readonly seed?: string; readonly laterSeed?: string };
  if (seed === undefined || laterSeed === undefined) throw new Error("a closed room does not show its seeds");
  return { draw: seed, later: laterSeed };
}

/** How the show's tickets stand now. */
export async function standNow(client: HttpClient, show: StagedShow): Promise<{ held: number; booked: number }> {
  const { body } = await expectStatus(200, client.call("GET", `/events/${show.eventId}/availability`));
  const { ticketTypes } = body as { readonly ticketTypes: readonly { held: number; booked: number }[] };
  return { held: ticketTypes[0]?.held ?? 0, booked: ticketTypes[0]?.booked ?? 0 };
}

import { setTimeout as pause } from "node:timers/promises";
import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import type { EventStore, Position } from "../../../src/eventstore/port.ts";
import { BOOKING_PREFIX } from "../../../src/eventstore/streams.ts";
import type { HttpReply } from "../http-client.ts";
import { expectStatus } from "../shop.ts";
import type { Programme } from "./audience.ts";
import type { RestartableNode } from "./restartable-node.ts";

/** What `GET /events/{eventId}/cancellation` says. */
export interface Progress {
  readonly status: "RUNNING" | "DONE";
  readonly bookings: number;
  readonly cancelled: number;
  readonly refundsPending: number;
  readonly refundsSucceeded: number;
}

/** @returns how long the 202 took, in milliseconds */
export async function callOff(node: RestartableNode, { eventId, organizer }: Programme): Promise<number> {
  const began = performance.now();
  await expectStatus(202, node.client.call("POST", `/events/${eventId}/cancel`, { token: organizer }));
  return performance.now() - began;
}

export const isDone = ({ status }: Progress): boolean => status === "DONE";

/** Asks how far it has come until that is enough; a node that is being started again is asked again. */
export async function untilProgress(
  node: RestartableNode,
  { eventId, organizer }: Programme,
  everyMs: number,
  isEnough: (progress: Progress, tookMs: number) => boolean,
): Promise<Progress> {
  for (;;) {
    const began = performance.now();
    const reply = await node.client
      .call("GET", `/events/${eventId}/cancellation`, { token: organizer })
      .catch((): HttpReply | null => null);
    const tookMs = performance.now() - began;
    if (reply !== null && reply.status !== 503) {
      if (reply.status !== 200) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
      const progress = reply.body as Progress;
      if (isEnough(progress, tookMs)) return progress;
    }
    await pause(Math.max(0, everyMs - tookMs));
  }
}

/** The end of what bookings have on record, for following them from there. */
export const endOfBookings = (store: EventStore): Promise<Position | null> => store.head([BOOKING_PREFIX]);

/**
 * Follows bookings behind `after` until so many refunds are recorded.
 * @throws Error they are not within `withinMs`
 */
export async function refundsRecorded(
  store: EventStore,
  after: Position | null,
  count: number,
  withinMs: number,
): Promise<void> {
  const signal = AbortSignal.timeout(withinMs);
  const wanted: BookingEvent["type"] = "RefundSucceeded";
  let seen = 0;
  const following = store.subscribe({ after, streamPrefixes: [BOOKING_PREFIX], maxBatch: 1_000, signal });
  for await (const { events } of following) {
    for (const { type } of events) if (type === wanted) seen += 1;
    if (seen >= count) return;
  }
  throw new Error(`${seen} of ${count} refunds were recorded within ${withinMs} ms`);
}

import { expect } from "vitest";
import { until } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { type OnSale, openShop, type Shop } from "./reservations-shop.ts";

/** A turn comes after two seconds at the earliest, and many wait for theirs at once. */
const ASKS_EVERY_MS = 100;

/** What people in a waiting room do in the specs. */
export interface WaitingRoomHands {
  /** Has an event's room be so; it is open and fast unless told otherwise. */
  setUp(eventId: string, by: Signed, wish?: object): Promise<Reply>;
  look(eventId: string): Promise<Reply>;
  enter(eventId: string, by: Signed, body?: object): Promise<Reply>;
  /** Enters, which must succeed. @returns the entry's token */
  entered(eventId: string, by: Signed, body?: object): Promise<string>;
  place(eventId: string, entryToken: string, by?: Signed): Promise<Reply>;
  /** Waits until the turn has come. @returns the admission's token */
  called(eventId: string, entryToken: string): Promise<string>;
}

export function waitingRoomHands(node: NodeUnderTest): WaitingRoomHands {
  const url = (eventId: string, path = "") => `/events/${eventId}/waiting-room${path}`;
  const hands: WaitingRoomHands = {
    setUp: (eventId, { token }, wish = {}) =>
      node.call("PUT", url(eventId), { token, body: { enabled: true, admitPerMinute: 60_000, ...wish } }),
    look: (eventId) => node.call("GET", url(eventId)),
    enter: (eventId, { token }, body) =>
      node.call("POST", url(eventId, "/entries"), { token, ...(body === undefined ? {} : { body }) }),
    async entered(eventId, by, body) {
      const reply = await hands.enter(eventId, by, body);
      expect(reply.statusCode, reply.body).toBe(201);
      return reply.json().entryToken;
    },
    place: (eventId, entryToken, by) =>
      node.call("GET", url(eventId, "/place"), {
        ...(by === undefined ? {} : { token: by.token }),
        headers: { "entry-token": entryToken },
      }),
    async called(eventId, entryToken) {
      const reply = await until(
        () => hands.place(eventId, entryToken),
        (one) => one.statusCode !== 200 || one.json().place === 0,
        ASKS_EVERY_MS,
      );
      expect(reply.statusCode, reply.body).toBe(200);
      return reply.json().admissionToken;
    },
  };
  return hands;
}

/** Somebody who was called in, and where. */
export interface LetIn {
  readonly at: OnSale;
  readonly buyer: Signed;
  readonly entryToken: string;
  readonly admission: string;
}

/** A node with waiting rooms that call people in, and an organizer who puts events on sale there. */
export interface WaitingRoomNode {
  readonly node: NodeUnderTest;
  readonly organizer: Signed;
  readonly shop: Shop;
  readonly hands: WaitingRoomHands;
  /** Puts an event on sale whose room is open, and has a guest called in. @param more of the event */
  letIn(more?: object): Promise<LetIn>;
}

export async function startWaitingRoomNode(): Promise<WaitingRoomNode> {
  const node = await startNode({ roles: new Set(["api", "projector", "processes"]) });
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);
  const hands = waitingRoomHands(node);
  return {
    node,
    organizer,
    shop,
    hands,
    async letIn(more = {}) {
      const at = await shop.onSale(more);
      const made = await hands.setUp(at.eventId, organizer);
      expect(made.statusCode, made.body).toBe(200);
      const buyer = await node.guest();
      const entryToken = await hands.entered(at.eventId, buyer);
      return { at, buyer, entryToken, admission: await hands.called(at.eventId, entryToken) };
    },
  };
}

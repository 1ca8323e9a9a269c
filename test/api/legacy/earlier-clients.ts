import { expect } from "vitest";
import type { NodeSettings } from "../../../src/boxoffice.ts";
import { type Method, type NodeUnderTest, type Reply, startNode } from "../events-node.ts";
import type { Signed } from "../harness.ts";
import { documentOf, replyChecker } from "../openapi-document.ts";
import { idempotent, type OnSale, openShop, type Shop } from "../reservations-shop.ts";

export interface Asking {
  /** Whose token is sent; nobody's when it is left out. */
  readonly by?: Signed | undefined;
  readonly key?: string | undefined;
  readonly headers?: Record<string, string>;
}

/** Clients of earlier systems at a node whose every reply is held against its OpenAPI document. */
export interface EarlierClients {
  readonly node: NodeUnderTest;
  readonly shop: Shop;
  /** Who makes events. */
  readonly organizer: Signed;
  post(path: string, body: object, asking?: Asking): Promise<Reply>;
  /** A GET from read models that have seen all that is recorded. */
  get(path: string, by: Signed): Promise<Reply>;
  /** An event with one free ticket type. */
  freeEvent(capacity?: number): Promise<string>;
  /** An event with two ticket types: free `VIP` (of 5) and priced `Regular` (of 10). */
  twoTypes(): Promise<OnSale>;
  /** Moves the one clock on. */
  advance(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Paths with parameters, as the document has them. */
const DOCUMENTED: readonly (readonly [RegExp, string])[] = [
  [/^\/events\/[0-9a-f-]{36}$/, "/events/{eventId}"],
  [/^\/bookings\/[^/]+$/, "/bookings/{id}"],
  [/^\/reservations\/[^/]+$/, "/reservations/{reservationId}"],
];

export async function earlierClients(changes: Partial<NodeSettings> = {}): Promise<EarlierClients> {
  const node = await startNode({ roles: new Set(["api", "projector", "processes"]), ...changes });
  const check = replyChecker(await documentOf(node));
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);

  const checked = (method: Method, path: string, reply: Reply): Reply => {
    const documented = DOCUMENTED.find(([pattern]) => pattern.test(path))?.[1] ?? path;
    expect(check(method, documented, reply), `${method} ${path}: ${reply.body}`).toBeNull();
    return reply;
  };

  return {
    node,
    shop,
    organizer,
    async post(path, body, { by, key, headers = {} } = {}) {
      const token = by === undefined ? {} : { token: by.token };
      const reply = await node.call("POST", path, { ...token, body, headers: { ...idempotent(key), ...headers } });
      if (reply.statusCode >= 400) expect(reply.json().message, reply.body).toBeTypeOf("string");
      return checked("POST", path, reply);
    },
    async get(path, { token }) {
      const headers = { "boxoffice-min-position": await node.head() };
      return checked("GET", path, await node.call("GET", path, { token, headers }));
    },
    async freeEvent(capacity = 10) {
      return (await shop.onSale({ ticketTypes: [{ name: "Regular", capacity }] })).eventId;
    },
    twoTypes: () =>
      shop.onSale({
        ticketTypes: [
          { name: "VIP", capacity: 5 },
          { name: "Regular", capacity: 10, price: { amount: 4_500, currency: "EUR" } },
        ],
      }),
    async advance(seconds) {
      const { token } = await node.admin();
      const moved = await node.call("POST", "/sandbox/clock/advance", { token, body: { seconds } });
      expect(moved.statusCode, moved.body).toBe(200);
    },
    close: () => node.close(),
  };
}

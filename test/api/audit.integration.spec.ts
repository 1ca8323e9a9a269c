import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { CallOptions, Signed } from "./harness.ts";
import { patiently } from "./patiently.ts";
import { type OnSale, openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let shop: Shop;
let organizer: Signed;
let auditor: Signed;
beforeAll(async () => {
  node = await startNode();
  organizer = await node.signUp();
  auditor = await node.signUp();
  const roles = { token: (await node.admin()).token, body: { roles: ["auditor"] } };
  expect((await node.call("PUT", `/accounts/${auditor.accountId}/roles`, roles)).statusCode).toBe(200);
  shop = openShop(node, organizer);
});
afterAll(() => node?.close());

let buyer: Signed;
let onSale: OnSale;
beforeEach(async () => {
  buyer = await node.guest();
  onSale = await shop.onSale();
});

interface Item {
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly hash: string;
  readonly previousHash: string | null;
  readonly actor: object;
  readonly data: Record<string, unknown>;
}

/** From read models that have seen all that is recorded, which those of auditors may take their time for. */
async function read(url: string, { token }: Signed, options: CallOptions = {}): Promise<Reply> {
  const headers = { "boxoffice-min-position": await node.head() };
  return patiently(() => node.call("GET", url, { token, headers, ...options }));
}

async function items(url: string, by = auditor): Promise<readonly Item[]> {
  const reply = await read(url, by);
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json().items;
}

async function bought(): Promise<{ bookingId: string; reservationId: string }> {
  const { id } = await shop.reserved(onSale, buyer);
  const paid = await node.call("POST", "/purchases", { token: buyer.token, body: { reservationIds: [id] } });
  expect(paid.statusCode, paid.body).toBe(201);
  return { bookingId: paid.json().bookingId, reservationId: id };
}

const inventory = ({ eventId, ticketTypeIds }: OnSale): string => `inventory-${eventId}.${ticketTypeIds[0]}`;

describe("GET /audit/log", () => {
  it("tells what is on record of an event, each with who did it and the link of its chain", async () => {
    await shop.reserved(onSale, buyer);
    const found = await items(`/audit/log?eventId=${onSale.eventId}`);
    expect(found.map(({ type }) => type)).toEqual(["InventoryOpened", "ListingCreated", "TicketsReserved"]);
    const [opened, , reserved] = found;
    expect(reserved).toMatchObject({
      stream: inventory(onSale),
      revision: 1,
      actor: { account: buyer.accountId, role: "guest" },
      data: { accountId: buyer.accountId, quantity: 1 },
      previousHash: opened?.hash,
    });
  });

  it("is found by type, actor, stream and time, newest first if so asked, in pages", async () => {
    const { id } = await shop.reserved(onSale, buyer);
    await shop.reserved(onSale, buyer);
    expect(await items(`/audit/log?actor=${buyer.accountId}&type=TicketsReserved`)).toHaveLength(2);
    expect(await items(`/audit/log?subject=${id}`)).toHaveLength(1);
    expect(await items(`/audit/log?stream=${inventory(onSale)}`)).toHaveLength(3);
    expect(await items("/audit/log?from=2999-01-01T00:00:00Z")).toEqual([]);
    const first = (await read("/audit/log?order=newest&limit=1", auditor)).json();
    expect(first.items).toMatchObject([{ type: "TicketsReserved", revision: 2 }]);
    const second = (await read(`/audit/log?order=newest&limit=1&cursor=${first.next}`, auditor)).json();
    expect(second.items).toMatchObject([{ type: "TicketsReserved", revision: 1 }]);
  });

  it("is for organizers what is of their own events", async () => {
    const stranger = await node.signUp();
    const theirs = await shop.onSale({}, stranger);
    expect((await items("/audit/log", stranger)).map(({ stream }) => stream)).toEqual([
      inventory(theirs),
      `listing-${theirs.eventId}`,
    ]);
    expect(await items(`/audit/log?eventId=${onSale.eventId}`, stranger)).toEqual([]);
  });

  it.each(["/audit/log", "/audit/export"])("%s is nothing for whoever organizes nothing", async (url) => {
    const customer = await node.signUp();
    const analyst = await node.signUp();
    const { token } = await node.admin();
    await node.call("PUT", `/accounts/${analyst.accountId}/roles`, { token, body: { roles: ["analyst"] } });
    for (const by of [customer, analyst]) {
      const reply = await patiently(() => node.call("GET", url, { token: by.token }));
      expect([reply.statusCode, reply.json().code]).toEqual([403, "forbidden"]);
    }
    // A draft that was made a moment ago is something already.
    await shop.onSale({ draft: true }, customer);
    expect((await patiently(() => node.call("GET", url, { token: customer.token }))).statusCode).toBe(200);
  });

  it("says what its parameters take", async () => {
    const unstorable = ["actor=%00", "type=%00", "stream=inventory-%00"];
    for (const query of ["from=yesterday", "order=sideways", "eventId=x", "colour=red", "cursor=!", ...unstorable]) {
      const reply = await read(`/audit/log?${query}`, auditor);
      expect([reply.statusCode, reply.json().code], query).toEqual([400, "invalid"]);
    }
  });
});

describe("GET /audit/streams/{stream}", () => {
  it("is one stream from its beginning, in pages, every link of its chain in place", async () => {
    for (let count = 0; count < 5; count += 1) await shop.reserved(onSale, buyer);
    const found: Item[] = [];
    let next: string | null = "";
    while (next !== null) {
      const cursor: string = next === "" ? "" : `&cursor=${next}`;
      const page: { items: Item[]; next: string | null } = (
        await read(`/audit/streams/${inventory(onSale)}?limit=2${cursor}`, auditor)
      ).json();
      found.push(...page.items);
      next = page.next;
    }
    expect(found.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(found.map(({ previousHash }) => previousHash)).toEqual([
      null,
      ...found.slice(0, -1).map(({ hash }) => hash),
    ]);
  });

  it("is there for whose event it is, and else there is none", async () => {
    const { bookingId } = await bought();
    const room = `/events/${onSale.eventId}/waiting-room`;
    const body = { enabled: true, admitPerMinute: 60, opensAt: "2999-01-01T00:00:00Z" };
    expect((await node.call("PUT", room, { token: organizer.token, body })).statusCode).toBe(200);
    const theirs = [`listing-${onSale.eventId}`, inventory(onSale), `booking-${bookingId}`];
    const stranger = await node.signUp();
    for (const stream of [...theirs, `waitingroom-${onSale.eventId}`]) {
      const found = await items(`/audit/streams/${stream}`, organizer);
      expect(found.length, stream).toBeGreaterThan(0);
      expect(await items(`/audit/log?stream=${stream}`, organizer), stream).toEqual(found);
      expect((await read(`/audit/streams/${stream}`, stranger)).json().code, stream).toBe("stream-not-found");
    }
    const none = ["cart-x", `cart-${buyer.accountId}`, "inventory-x", "booking-x", `booking-${onSale.eventId}`];
    for (const stream of none) {
      expect((await read(`/audit/streams/${stream}`, organizer)).json().code, stream).toBe("stream-not-found");
    }
    expect((await read("/audit/streams/nothing", auditor)).json().code).toBe("stream-not-found");
  });

  it("is not found under a name that no stream can have", async () => {
    for (const name of ["%00", "inventory-x%00", "%F0%9F%8E%9F"]) {
      const reply = await read(`/audit/streams/${name}`, auditor);
      expect([reply.statusCode, reply.json().code], name).toEqual([404, "stream-not-found"]);
    }
  });
});

describe("GET /audit/bookings/{bookingId}", () => {
  it("is one timeline over all streams", async () => {
    const { bookingId, reservationId } = await bought();
    const found = await items(`/audit/bookings/${bookingId}`);
    expect(found.map(({ type }) => type)).toEqual([
      "TicketsReserved",
      "ReservationClaimed",
      "BookingOpened",
      "ReservationConfirmed",
      "BookingConfirmed",
    ]);
    expect(found[0]?.data).toMatchObject({ reservationId });
    expect(await items(`/audit/bookings/${bookingId}`, organizer)).toEqual(found);
  });

  it("has what the cart has to do with it", async () => {
    const [ticketTypeId] = onSale.ticketTypeIds;
    const { token } = buyer;
    const body = { eventId: onSale.eventId, quantity: 2 };
    const set = await node.call("PUT", `/cart/items/${ticketTypeId}`, { token, body });
    const paid = await node.call("POST", "/purchases", { token, body: { cartId: set.json().cartId } });
    const types = (await items(`/audit/bookings/${paid.json().bookingId}`)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(["CartOpened", "TicketsReserved", "CartCheckedOut", "CartCompleted"]));
  });

  it("is nobody else's concern", async () => {
    const { bookingId } = await bought();
    const unknown = "018f0000-0000-7000-8000-000000000000";
    expect((await read(`/audit/bookings/${bookingId}`, await node.signUp())).json().code).toBe("booking-not-found");
    expect((await read(`/audit/bookings/${unknown}`, auditor)).json().code).toBe("booking-not-found");
  });
});

describe("GET /audit/inventories/{eventId}/{ticketTypeId}", () => {
  const asOf = async (query: string) => {
    const reply = await read(`/audit/inventories/${onSale.eventId}/${onSale.ticketTypeIds[0]}${query}`, auditor);
    expect(reply.statusCode, reply.body).toBe(200);
    return reply.json();
  };

  it("has the books now, at a revision, at a position, at a time, and what changed in between", async () => {
    const { reply } = await shop.reserved(onSale, buyer, { quantity: 3 });
    const position = reply.headers["boxoffice-position"];
    await shop.reserved(onSale, buyer, { quantity: 2 });
    const now = { total: 10, available: 5, held: 5, booked: 0, revision: 2, status: "ACTIVE", waiting: 0 };
    expect(await asOf("")).toMatchObject({ ...now, reservations: { made: 2, confirmed: 0 } });
    expect(await asOf("?at=2999-01-01T00:00:00Z")).toMatchObject(now);
    expect(await asOf("?at=revision:1")).toMatchObject({ available: 7, held: 3, revision: 1, position });
    expect(await asOf(`?at=position:${position}`)).toMatchObject({ held: 3, revision: 1 });
    expect(await asOf("?at=2000-01-01T00:00:00Z")).toMatchObject({ total: 0, revision: null, status: "UNOPENED" });
    expect((await asOf("?since=revision:0")).change).toEqual({ total: 0, available: -5, held: 5, booked: 0 });
    expect((await asOf("?since=2000-01-01T00:00:00Z")).change).toEqual({ total: 10, available: 5, held: 5, booked: 0 });
  });

  it("is there for auditors and the organizer", async () => {
    const url = `/audit/inventories/${onSale.eventId}/${onSale.ticketTypeIds[0]}`;
    const stranger = await node.signUp();
    expect((await read(url, organizer)).statusCode).toBe(200);
    expect((await read(url, stranger)).json().code).toBe("forbidden");
    const draft = await shop.onSale({ draft: true });
    const ofDraft = `/audit/inventories/${draft.eventId}/${draft.ticketTypeIds[0]}`;
    expect((await read(ofDraft, stranger)).json().code).toBe("event-not-found");
    expect((await read(ofDraft, auditor)).json()).toMatchObject({ status: "DRAFT" });
  });

  it("says what there is not, and what its parameters take", async () => {
    const unknown = "018f0000-0000-7000-8000-000000000000";
    const codeOf = async (path: string) => (await read(`/audit/inventories/${path}`, auditor)).json().code;
    expect(await codeOf(`${unknown}/${unknown}`)).toBe("event-not-found");
    expect(await codeOf(`${onSale.eventId}/${unknown}`)).toBe("ticket-type-not-found");
    for (const at of ["now", "revision:-1", "revision:99999999999", "position:x", "2026-13-01T00:00:00Z"]) {
      expect(await codeOf(`${onSale.eventId}/${onSale.ticketTypeIds[0]}?at=${at}`), at).toBe("invalid");
    }
  });
});

describe("GET /audit/bookings/{bookingId}/state", () => {
  it("is the booking now and as of any instant, with what changed in between", async () => {
    const { bookingId, reservationId } = await bought();
    const url = `/audit/bookings/${bookingId}/state`;
    const now = (await read(url, auditor)).json();
    expect(now).toMatchObject({
      state: { status: "paid", lines: [{ reservationId }], cancellations: [] },
    });
    expect(now.position).toMatch(/^\d+$/);
    expect((await read(`${url}?at=revision:0`, auditor)).json()).toMatchObject({
      revision: 0,
      state: { status: "open", lines: [{ reservationId }] },
    });
    expect((await read(`${url}?at=position:${now.position}`, auditor)).json()).toEqual(now);
    expect((await read(`${url}?at=2000-01-01T00:00:00Z`, auditor)).json()).toMatchObject({
      revision: null,
      state: null,
    });

    await node.call("POST", `/bookings/${bookingId}/cancel`, { token: buyer.token });
    const { changes } = (await read(`${url}?since=revision:${now.revision}`, auditor)).json();
    expect(changes).toContainEqual({ path: "/cancellations/0", after: expect.anything() });
    const since = (await read(`${url}?at=revision:${now.revision}&since=revision:0`, auditor)).json().changes;
    expect(since).toEqual([{ path: "/status", before: "open", after: "paid" }]);
  });

  it("is the organizer's and auditors' to see", async () => {
    const { bookingId } = await bought();
    const unknown = "018f0000-0000-7000-8000-000000000000";
    const codeOf = async (path: string, by: Signed) => (await read(`/audit/bookings/${path}/state`, by)).json().code;
    expect((await read(`/audit/bookings/${bookingId}/state`, organizer)).statusCode).toBe(200);
    expect(await codeOf(bookingId, await node.signUp())).toBe("booking-not-found");
    expect(await codeOf(unknown, auditor)).toBe("booking-not-found");
    expect((await read(`/audit/bookings/${bookingId}/state?at=soon`, auditor)).json().code).toBe("invalid");
  });
});

describe("GET /audit/events/{eventId}", () => {
  it("is what was said of the event as of any instant, with what changed in between", async () => {
    const url = `/audit/events/${onSale.eventId}`;
    const before = (await read(url, auditor)).json();
    expect(before).toMatchObject({ state: { status: "active", organizerId: organizer.accountId } });
    const { name } = before.state.details;
    const patched = await node.call("PATCH", `/events/${onSale.eventId}`, {
      token: organizer.token,
      body: { name: "Another name" },
    });
    expect(patched.statusCode, patched.body).toBe(200);
    const { state, changes } = (await read(`${url}?since=position:${before.position}`, auditor)).json();
    expect(state.details.name).toBe("Another name");
    expect(changes).toContainEqual({ path: "/details/name", before: name, after: "Another name" });
    expect((await read(`${url}?at=position:${before.position}`, auditor)).json().state).toEqual(before.state);
  });

  it("is the organizer's and auditors' to see", async () => {
    const url = `/audit/events/${onSale.eventId}`;
    expect((await read(url, organizer)).statusCode).toBe(200);
    expect((await read(url, await node.signUp())).json().code).toBe("forbidden");
  });
});

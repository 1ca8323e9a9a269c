import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { patiently } from "./patiently.ts";
import { type OnSale, openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let shop: Shop;
let organizer: Signed;
let auditor: Signed;
let onSale: OnSale;
beforeAll(async () => {
  node = await startNode();
  [organizer, auditor] = [await node.signUp(), await node.signUp()];
  const roles = { token: (await node.admin()).token, body: { roles: ["auditor"] } };
  await node.call("PUT", `/accounts/${auditor.accountId}/roles`, roles);
  shop = openShop(node, organizer);
  onSale = await shop.onSale();
  const buyer = await node.guest();
  const { id } = await shop.reserved(onSale, buyer);
  const paid = await node.call("POST", "/purchases", { token: buyer.token, body: { reservationIds: [id] } });
  expect(paid.statusCode, paid.body).toBe(201);
});
afterAll(() => node?.close());

interface Line {
  readonly position: string;
  readonly subject: string;
  readonly type: string;
  readonly time: string;
  readonly data: object;
}

async function linesOf(query = "", { token }: Signed = auditor): Promise<readonly Line[]> {
  const reply = await patiently(() => node.call("GET", `/audit/export${query}`, { token }));
  expect(reply.statusCode, reply.body).toBe(200);
  expect(reply.headers["content-type"]).toBe("application/x-ndjson");
  return reply.body
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

describe("GET /audit/export", () => {
  it("is the log for auditors, line by line what is on record", async () => {
    const recorded = await node.recorded();
    const lines = await linesOf();
    const told = lines.map(({ subject, type, time, data }) => [subject, type, time, data]);
    expect(told).toEqual(
      recorded.map(({ stream, type, metadata, data }) => [stream, `boxoffice.${type}.v1`, metadata.at, data]),
    );
    const [, , third] = lines;
    expect(await linesOf(`?from=${third?.position}&to=${third?.position}`)).toEqual([third]);
    expect(await linesOf(`?upcast=true`)).toEqual(lines);
    const stream = `inventory-${onSale.eventId}.${onSale.ticketTypeIds[0]}`;
    expect(await linesOf(`?stream=${stream}`)).toEqual(lines.filter(({ subject }) => subject === stream));
  });

  it("is for organizers what is of their own events, to the end of the log", async () => {
    const stranger = await node.signUp();
    const theirs = await shop.onSale({}, stranger);
    const own = await linesOf("", organizer);
    expect(new Set(own.map(({ subject }) => subject.split("-")[0]))).toEqual(
      new Set(["inventory", "listing", "booking"]),
    );
    const lines = await linesOf("", stranger);
    expect(lines.map(({ subject }) => subject)).toEqual([
      `inventory-${theirs.eventId}.${theirs.ticketTypeIds[0]}`,
      `listing-${theirs.eventId}`,
    ]);
    expect(await linesOf(`?from=${lines[1]?.position}`, stranger)).toEqual(lines.slice(1));
    expect(await linesOf(`?to=${lines[0]?.position}`, stranger)).toEqual(lines.slice(0, 1));
    const stream = `?stream=listing-${theirs.eventId}`;
    expect(await linesOf(stream, stranger)).toEqual(lines.slice(1));
    const reply = await node.call("GET", `/audit/export${stream}`, { token: organizer.token });
    expect(reply.json().code).toBe("stream-not-found");
  });

  it("says what its parameters take, and gives nothing to HEAD but headers", async () => {
    for (const query of ["from=x", "from=99999999999999999999", "from=2&to=1", "upcast=1", "colour=red"]) {
      const reply = await node.call("GET", `/audit/export?${query}`, { token: auditor.token });
      expect([reply.statusCode, reply.json().code], query).toEqual([400, "invalid"]);
    }
    const head = await node.call("HEAD", "/audit/export", { token: auditor.token });
    expect([head.statusCode, head.body]).toEqual([200, ""]);
  });
});

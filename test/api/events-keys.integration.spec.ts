import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOf, expectProblem, inMs, placesOf, recordsNothing, until } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
let other: Signed;
beforeAll(async () => {
  node = await startNode();
  [organizer, other] = [await node.signUp(), await node.signUp()];
});
afterAll(() => node.close());

let keys = 0;
function freshKey(): string {
  keys += 1;
  return `key ${keys}`;
}
const create = (body: unknown, key?: string, token = organizer.token) =>
  node.call("POST", "/events", { token, body, headers: key === undefined ? {} : { "idempotency-key": key } });
const aurora = (more: object = {}) => ({ name: "Aurora", ticketTypes: [{ name: "A", capacity: 5 }], ...more });

const statuses = (answers: readonly Reply[]) => answers.map(({ statusCode }) => statusCode).sort();

/** The second answer is the first again, byte for byte, and says so. */
function expectReplay(first: Reply, again: Reply): void {
  expect(again.statusCode, again.body).toBe(first.statusCode);
  expect(again.body).toBe(first.body);
  expect(again.headers["idempotency-replayed"]).toBe("true");
  for (const header of ["boxoffice-position", "location", "content-type"]) {
    expect(again.headers[header]).toBe(first.headers[header]);
  }
}

describe("POST /events with an Idempotency-Key", () => {
  it("answers a repetition with the first answer and makes nothing", async () => {
    const key = freshKey();
    const first = await create(aurora(), key);
    expect(first.statusCode, first.body).toBe(201);
    expect(first.headers["idempotency-replayed"]).toBeUndefined();
    expectReplay(first, await recordsNothing(node, () => create(aurora(), key)));
  });

  it("answers with the first answer also when things have changed since", async () => {
    const key = freshKey();
    const body = aurora({ saleStartsAt: inMs(700) });
    const first = await create(body, key);
    const { eventId, ticketTypes } = first.json();
    expect(ticketTypes[0].saleStatus).toBe("UPCOMING");
    await node.call("PATCH", `/events/${eventId}`, { token: organizer.token, body: { name: "Changed" } });
    await until(
      async () => (await node.call("GET", `/events/${eventId}`)).json().ticketTypes[0].saleStatus,
      (status) => status === "OPEN",
    );
    expectReplay(first, await create(body, key));
  });

  it("makes one event of 20 requests at once, with one answer", async () => {
    const key = freshKey();
    const before = await node.head();
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(aurora(), key)));
    expect(statuses(answers)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotency-replayed"] === undefined)).toHaveLength(1);
    expect((await node.recorded(before)).map(({ type }) => type)).toEqual(["InventoryOpened", "ListingCreated"]);
  });

  it("makes one event of 20 requests at once when it has a code, too", async () => {
    const key = freshKey();
    for (let round = 0; round < 10; round += 1) {
      const body = aurora({ code: `AT-ONCE-${round}` });
      const answers = await Promise.all(Array.from({ length: 20 }, () => create(body, `${key} ${round}`)));
      expect(statuses(answers)).toEqual(Array(20).fill(201));
      expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    }
  });

  it("refuses another body, and keeps nothing of it", async () => {
    const key = freshKey();
    await create(aurora(), key);
    for (const body of [
      aurora({ name: "Borealis" }),
      aurora({ ticketTypes: [{ name: "A", capacity: 6 }] }),
      aurora({ ticketTypes: [{ name: "B", capacity: 6 }, ...aurora().ticketTypes] }),
    ]) {
      expectProblem(await recordsNothing(node, () => create(body, key)), 422, "idempotency-key-reused");
    }
  });

  it("does not use up the code of another body that it refuses", async () => {
    const key = freshKey();
    await create(aurora(), key);
    expectProblem(await create(aurora({ code: "OTHER-BODY" }), key), 422, "idempotency-key-reused");
    expect((await create(aurora({ code: "OTHER-BODY" }))).statusCode).toBe(201);
  });

  it("counts for one account", async () => {
    const key = freshKey();
    const [mine, theirs] = [await create(aurora(), key), await create(aurora(), key, other.token)];
    expect(theirs.statusCode).toBe(201);
    expect(theirs.json().eventId).not.toBe(mine.json().eventId);
  });

  it("records nothing for a refusal, which is decided afresh", async () => {
    const key = freshKey();
    expectProblem(await create(aurora({ capacity: 4 }), key), 400, "capacity-exceeded");
    expect((await create(aurora({ capacity: 5 }), key)).statusCode).toBe(201);
  });

  it("takes a key of 1 to 255 characters", async () => {
    for (const key of ["", "x".repeat(256)]) {
      const refused = await recordsNothing(node, () => create(aurora(), key));
      expectProblem(refused, 400, "invalid");
      expect(placesOf(refused)).toEqual(["header /Idempotency-Key"]);
    }
    expect((await create(aurora(), "x".repeat(255))).statusCode).toBe(201);
  });

  it("counts across a restart", async () => {
    const key = freshKey();
    const first = await create(aurora({ code: "RESTART" }), key);
    await node.restart();
    expectReplay(first, await recordsNothing(node, () => create(aurora({ code: "RESTART" }), key)));
    expectProblem(await create(aurora({ code: "RESTART", name: "Borealis" }), key), 422, "idempotency-key-reused");
  });
});

describe("a code", () => {
  it("is unique for an organizer", async () => {
    const made = await create(aurora({ code: "ONE" }));
    expect(made.json().code).toBe("ONE");
    expectProblem(await recordsNothing(node, () => create(aurora({ code: "ONE" }))), 409, "code-taken");
    expectProblem(await recordsNothing(node, () => create(aurora({ code: " ONE " }))), 409, "code-taken");
    expect((await create(aurora({ code: "one" }))).statusCode).toBe(201);
    expect((await create(aurora({ code: "ONE" }), undefined, other.token)).statusCode).toBe(201);
  });

  it("goes to exactly one of 20 that want it at once", async () => {
    const before = await node.head();
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(aurora({ code: "RACE" }))));
    expect(statuses(answers)).toEqual([201, ...Array(19).fill(409)]);
    for (const refused of answers.filter(({ statusCode }) => statusCode === 409)) {
      expectProblem(refused, 409, "code-taken");
    }
    expect((await node.recorded(before)).map(({ type }) => type)).toEqual(["InventoryOpened", "ListingCreated"]);
  });

  it("is not used up by an event that was refused", async () => {
    const refused = aurora({ code: "REFUSED", capacity: 4 });
    expectProblem(await create(refused), 400, "capacity-exceeded");
    expectProblem(await create(aurora({ code: "REFUSED", saleEndsAt: inMs(-1_000) })), 400, "invalid-dates");
    expect((await create(aurora({ code: "REFUSED" }))).statusCode).toBe(201);
  });
});

describe("POST /events/{eventId}/publish with an Idempotency-Key", () => {
  it("answers a repetition with the first answer, and says so", async () => {
    const made = await create(aurora({ draft: true }));
    const key = { "idempotency-key": freshKey() };
    const publish = () =>
      node.call("POST", `/events/${made.json().eventId}/publish`, { token: organizer.token, headers: key });
    const first = await publish();
    expect(first.statusCode, first.body).toBe(200);
    expectReplay(first, await recordsNothing(node, publish));
    const got = await node.call("GET", `/events/${made.json().eventId}`, { headers: asOf(first) });
    expect(got.body).toBe(first.body);
  });
});

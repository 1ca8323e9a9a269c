import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADMISSION_MS } from "../../src/domain/waiting-room/calls.ts";
import type { LiveClass } from "../../src/waiting-room/live-room.ts";
import { addArrivals } from "../../src/waiting-room/shared-counts.ts";
import {
  account,
  EVENT,
  knownRoom,
  type NodesTogether,
  nodesTogether,
  type RoomNode,
  STEP_MS,
} from "./nodes-together.ts";

let nodes: NodesTogether;
beforeEach(async () => {
  nodes = await nodesTogether();
});
afterEach(() => nodes.close());

const steps = async (count: number) => {
  for (let step = 0; step < count; step += 1) await nodes.step();
};
const A_MINUTE = 60_000 / STEP_MS;
/** A second is settled a second after its end, and heard of a step later. */
const SETTLED = 3_000 / STEP_MS;

describe("what a node knows of a room", () => {
  it("is not forgotten when it was closed and set up anew here, while that is not read yet", async () => {
    const first = knownRoom(nodes.nowMs());
    await nodes.reads(first, 0);
    const { rooms } = await nodes.start();
    rooms.put(EVENT, { ...first, status: "closed" }, 1);
    rooms.put(EVENT, { ...first, round: 2 }, 2);
    await rooms.hear(); // of the first round, still
    expect(rooms.get(EVENT)?.round).toBe(2);
    await nodes.reads({ ...first, status: "closed" }, 1);
    await rooms.hear();
    expect(rooms.get(EVENT)?.round).toBe(2);
    await nodes.reads({ ...first, round: 2 }, 2);
    await rooms.hear();
    await nodes.reads({ ...first, round: 2, status: "closed" }, 3);
    await rooms.hear();
    expect(rooms.get(EVENT)).toBeUndefined();
  });

  it("ends when it was closed elsewhere before it was read here", async () => {
    const room = knownRoom(nodes.nowMs());
    const { rooms } = await nodes.start();
    rooms.put(EVENT, room, 0);
    await rooms.hear();
    expect(rooms.get(EVENT)).toBeDefined();
    await nodes.reads({ ...room, status: "closed" }, 1);
    await rooms.hear();
    expect(rooms.get(EVENT)).toBeUndefined();
  });

  it("no second is settled while somebody is being counted in it, not even the first", async () => {
    await nodes.reads(knownRoom(nodes.nowMs() + 3_600_000), 0);
    const node = await nodes.start();
    node.room.enter(account(1), 0, nodes.nowMs());
    await steps(2);
    const [counting, settling] = [await nodes.pool.connect(), await nodes.pool.connect()];
    try {
      await counting.query("begin");
      await addArrivals(counting, { eventId: EVENT, round: 1 }, [{ classIndex: 0, second: 0, people: 1 }]);
      await settling.query("set lock_timeout = '100ms'");
      const settled = settling.query(
        `insert into processes.waiting_room_progress as p values ($1, 1, 0, 'AVAILABLE', 0, 0)
         on conflict (event_id, round) do update set settled = greatest(p.settled, excluded.settled)`,
        [EVENT],
      );
      await expect(settled).rejects.toThrow("lock timeout");
    } finally {
      await counting.query("rollback");
      counting.release();
      settling.release(true);
    }
  });
});

describe("calling", () => {
  it.each([1, 3])("ranks at the pace that was set, within 5 percent over a minute, over %i nodes", async (count) => {
    const admitPerMinute = 997;
    await nodes.reads(knownRoom(nodes.nowMs() + STEP_MS, { admitPerMinute }), 0);
    const all: RoomNode[] = [];
    for (let n = 0; n < count; n += 1) all.push(await nodes.start());
    const people = 3_000;
    const entries = Array.from({ length: people }, (_, n) => {
      const node = all[n % count] as RoomNode;
      return node.room.enter(account(n), 0, nodes.nowMs());
    });
    await steps(SETTLED);
    const calledSoFar = () => all.map(({ room }) => room.classes[0]?.calls.last.called ?? 0);
    const before = Math.max(...calledSoFar());
    const fromMs = nodes.nowMs();
    await steps(A_MINUTE);
    expect(nodes.nowMs() - fromMs).toBe(60_000);
    const called = Math.max(...calledSoFar()) - before;
    expect(Math.abs(called / admitPerMinute - 1)).toBeLessThan(0.05);
    // A node may be a step behind another.
    const inAt = all.map(
      ({ room }) => entries.filter((one) => room.standingOf(one, nodes.nowMs()).is === "called").length,
    );
    for (const those of inAt) expect(Math.abs(those - (inAt[0] as number))).toBeLessThan(25);
    const ranks = entries.map((one) => ({
      rank: all[0]?.room.rankOf(one) as number,
      is: all[0]?.room.standingOf(one, nodes.nowMs()).is,
    }));
    const order = ranks.toSorted((a, b) => a.rank - b.rank).map(({ is }) => is);
    expect(order.lastIndexOf("called")).toBeLessThan(order.indexOf("waiting"));
  });

  it("goes on where it was when whoever called is gone", async () => {
    await nodes.reads(knownRoom(nodes.nowMs() + STEP_MS), 0);
    const first = await nodes.start();
    const second = await nodes.start();
    const entries = Array.from({ length: 1_000 }, (_, n) => second.room.enter(account(n), 0, nodes.nowMs()));
    await steps(SETTLED + 20);
    const inBefore = entries.filter((one) => second.room.standingOf(one, nodes.nowMs()).is === "called");
    expect(inBefore.length).toBeGreaterThan(10);
    const servingBefore = second.room.classes[0]?.calls.last.serving as number;
    await first.stop();
    await steps(8);
    const { last } = (second.room.classes[0] as LiveClass).calls;
    expect(last.serving).toBeGreaterThan(servingBefore);
    // Ten a second were set; nobody is called twice, and nothing is made up for that nobody was there for.
    const people = entries.filter((one) => second.room.rankOf(one) < last.serving).length;
    expect(Math.abs(people - last.called)).toBeLessThan(60);
    for (const one of inBefore) expect(second.room.standingOf(one, nodes.nowMs()).is).toBe("called");
  });

  it("a restart of all loses no place: what was told before is never worse after", async () => {
    await nodes.reads(knownRoom(nodes.nowMs() + STEP_MS), 0);
    const [one, other] = [await nodes.start(), await nodes.start()];
    const entries = Array.from({ length: 400 }, (_, n) =>
      (n % 2 === 0 ? one : other).room.enter(account(n), 0, nodes.nowMs()),
    );
    await steps(SETTLED + 4);
    const told = entries.map((entry) => one.room.standingOf(entry, nodes.nowMs()));
    expect(told.some(({ is }) => is === "waiting")).toBe(true);
    await one.stop();
    await other.stop();
    const after = await nodes.start();
    await steps(4);
    for (const [n, entry] of entries.entries()) {
      const now = after.room.standingOf(entry, nodes.nowMs());
      const before = told[n];
      if (before?.is === "called") expect(now).toEqual(before);
      else if (before?.is === "waiting" && now.is === "waiting") expect(now.place).toBeLessThanOrEqual(before.place);
      else expect(now.is).toBe("called");
    }
  });
});

describe("tickets are kept for those who are called", () => {
  const TICKETS = 8;
  const A_FEW = 4;

  /** A room of forty, of whom as many are called as there are tickets; by rank. */
  async function calledForAllTickets() {
    nodes.tickets = { available: TICKETS, held: 0, isOver: false };
    await nodes.reads(knownRoom(nodes.nowMs() + STEP_MS, { admitPerMinute: 60_000 }), 0);
    const node = await nodes.start();
    const entries = Array.from({ length: 40 }, (_, n) => node.room.enter(account(n), 0, nodes.nowMs()));
    await steps(SETTLED + A_FEW);
    const byRank = entries.toSorted((a, b) => node.room.rankOf(a) - node.room.rankOf(b));
    const called = () => node.room.classes[0]?.calls.last.called;
    expect(called()).toBeCloseTo(TICKETS);
    return { node, byRank, called };
  }

  it("for half a minute, whether they come or not; then those who stand behind are called", async () => {
    const { called } = await calledForAllTickets();
    await steps(25_000 / STEP_MS);
    expect(called()).toBeCloseTo(TICKETS);
    await steps(8_000 / STEP_MS);
    expect(called()).toBeCloseTo(2 * TICKETS);
  });

  it("for two minutes, where they have come", async () => {
    const { node, byRank, called } = await calledForAllTickets();
    const turn = node.room.standingOf(byRank[0] as (typeof byRank)[number], nodes.nowMs());
    const atMs = turn.is === "called" ? turn.atMs : 0;
    for (const { accountId } of byRank.slice(0, TICKETS)) {
      node.room.come(accountId, atMs);
      node.room.come(accountId, atMs); // who asks again is the same
    }
    await steps(100_000 / STEP_MS);
    expect(called()).toBeCloseTo(TICKETS);
    await steps(25_000 / STEP_MS);
    expect(called()).toBeCloseTo(2 * TICKETS);
  });

  it("and not for another one because a reservation is made while they are counted", async () => {
    const { node, byRank, called } = await calledForAllTickets();
    const [first] = byRank;
    const turn = node.room.standingOf(first as (typeof byRank)[number], nodes.nowMs());
    const expiresAtMs = (turn.is === "called" ? turn.atMs : 0) + ADMISSION_MS;
    nodes.meanwhile = async () => {
      nodes.tickets = { available: TICKETS - 1, held: 1, isOver: false };
      await nodes.pool.query(
        `insert into processes.waiting_room_admissions
           (event_id, account_id, admission_id, ticket_type_id, claimed_at_ms, expires_at_ms, used)
         values ($1, $2, 'one', $1, $3, $4, true)`,
        [EVENT, first?.accountId, nodes.nowMs(), expiresAtMs],
      );
    };
    await steps(A_FEW);
    expect(called()).toBeCloseTo(TICKETS);
  });
});

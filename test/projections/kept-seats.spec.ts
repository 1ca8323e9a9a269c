import { describe, expect, it } from "vitest";
import { FREE, HELD, SOLD } from "../../src/domain/seating/seat-table.ts";
import { planOf } from "../../src/domain/seating/seating-plan.ts";
import type { Answer } from "../../src/projections/consistent-read.ts";
import { keptSeats } from "../../src/projections/seats/kept-seats.ts";
import type { RecordedSeats } from "../../src/projections/seats/queries.ts";

const plan = planOf({ sections: [{ name: "S", rows: [{ name: "A", seats: "1-100" }] }] });
const AT = { eventId: "e", ticketTypeId: "t" };
const anywhere = { minPosition: null };

/** Seats as tables would have them; how long a load takes is said. */
function table() {
  const state = { revision: 0, statuses: new Uint8Array(100), nowMs: 0, loadMs: 0, loads: 0, counted: true };
  const kept = keptSeats({
    monotonicMs: () => state.nowMs,
    reads: { find: async (_models, _position, query) => (await query()).value },
    queries: {
      async recorded(): Promise<Answer<RecordedSeats>> {
        state.loads += 1;
        state.nowMs += state.loadMs;
        const { revision, counted } = state;
        const price = { amount: 1, currency: "EUR" };
        const statuses = state.statuses.slice();
        const value = { plan, revision, price, statuses, eventRevision: counted ? revision : null };
        return { checkpoint: BigInt(revision), value };
      },
    },
  });
  const become = (status: typeof FREE | typeof HELD | typeof SOLD, ...seats: readonly number[]) => {
    for (const seat of seats) state.statuses[seat] = status;
    state.revision += 1;
  };
  const get = async (at: { minPosition: bigint | null } = anywhere) => {
    const seats = await kept.get(AT, state.revision, at);
    if (seats === null) throw new Error("no seats");
    return seats;
  };
  return { state, kept, become, get };
}

describe("seats that are kept", () => {
  it("are loaded once for as long as the event's availability has not gone on, however many ask", async () => {
    const { state, become, get } = table();
    const [first] = await Promise.all([get(), get(), get()]);
    expect(await get({ minPosition: 5n })).toBe(first);
    expect(state.loads).toBe(1);
    become(HELD, 1);
    expect((await get()).statuses[1]).toBe(HELD);
    expect(state.loads).toBe(2);
  });

  it("are asked for each time while they are still being projected", async () => {
    const { state, get } = table();
    state.counted = false;
    await get();
    await get();
    expect(state.loads).toBe(2);
  });

  it("may be old for ten times as long as a load takes, but for who asks for a position", async () => {
    const { state, become, get } = table();
    state.loadMs = 30;
    await get();
    become(HELD, 1);
    state.nowMs += 299;
    expect((await get()).statuses[1]).toBe(FREE);
    expect((await get({ minPosition: 1n })).statuses[1]).toBe(HELD);
    become(SOLD, 1);
    state.nowMs += 300;
    expect((await get()).statuses[1]).toBe(SOLD);
  });

  it("tell what has changed since each of the last 64 loads", async () => {
    const { become, get } = table();
    await get();
    for (let seat = 0; seat < 64; seat += 1) {
      become(HELD, seat);
      await get();
    }
    become(FREE, 63);
    const now = await get();
    expect(now.changesSince(65)?.size).toBe(0);
    expect(now.changesSince(63)).toEqual(new Map([[63, FREE]]));
    expect(now.changesSince(62)).toEqual(
      new Map([
        [62, HELD],
        [63, FREE],
      ]),
    );
    expect(now.changesSince(1)?.size).toBe(63);
    expect([now.changesSince(0), now.changesSince(66)]).toEqual([null, null]);
  });

  it("tell nothing of before so many changed at once that names would be more than the whole", async () => {
    const { become, get } = table();
    await get();
    become(HELD, ...Array.from({ length: 17 }, (_, seat) => seat));
    const now = await get();
    expect(now.changesSince(0)).toBeNull();
    become(SOLD, 1);
    expect((await get()).changesSince(1)).toEqual(new Map([[1, SOLD]]));
  });
});

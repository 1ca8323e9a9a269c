import { expect, it } from "vitest";
import { waitlistQueries } from "../../src/projections/waitlist/queries.ts";
import { allPages, at, readSideOf } from "./asking.ts";
import { ANN, BOB, EVENING, EVENT, MORNING, NOON, opened, REGULAR, released, reservationId, VIP } from "./recorded.ts";
import {
  CLAIMED_UNTIL,
  claimed,
  confirmed,
  DEADLINE,
  joined,
  leftWaitlist,
  offered,
  waitlistEnded,
} from "./recorded-purchases.ts";

const { side } = readSideOf([
  opened(),
  opened({ ticketTypeId: VIP, ordinal: 1 }),
  ...[1, 2, 3, 4, 5, 6].map((entry) => joined(entry, { at: `2026-03-01T09:00:0${entry}.000Z`, quantity: 2 })),
  joined(7, { ticketTypeId: VIP, accountId: BOB, at: NOON }),
  joined(8, { accountId: BOB, at: EVENING }),
  joined(9, { at: EVENING }),
  leftWaitlist(2),
  waitlistEnded([9]),
  offered([1, 3, 4, 5], { quantity: 2, expiresAt: NOON }),
  claimed(3, 1),
  claimed(4, 2),
  confirmed(4, 2),
  released(5, 2),
]);
const queries = () => waitlistQueries(side());
const status = async (entry: number, time = MORNING) => (await queries().get(reservationId(entry), at(time)))?.status;

it("tells one's place among those who wait for the same tickets", async () => {
  expect(await queries().get(reservationId(6), at(MORNING))).toEqual({
    entryId: reservationId(6),
    eventId: EVENT,
    ticketTypeId: REGULAR,
    accountId: ANN,
    quantity: 2,
    status: "WAITING",
    place: 1,
    reservationId: null,
    offerExpiresAt: null,
    joinedAt: "2026-03-01T09:00:06.000Z",
  });
  expect(await queries().get(reservationId(8), at(MORNING))).toMatchObject({ place: 2 });
  expect(await queries().get(reservationId(7), at(MORNING))).toMatchObject({ place: 1 });
});

it("tells what became of an entry, of an offer by its reservation", async () => {
  expect(await status(2)).toBe("LEFT");
  expect(await status(9)).toBe("ENDED");
  expect(await status(4)).toBe("TAKEN");
  expect(await status(5)).toBe("LAPSED");
  expect(await queries().get(reservationId(1), at(MORNING))).toMatchObject({
    status: "OFFERED",
    place: null,
    reservationId: reservationId(1),
    offerExpiresAt: NOON,
  });
  expect(await status(1, NOON)).toBe("LAPSED");
});

it("has an offer stand for as long as its purchase may be paid", async () => {
  expect(await queries().get(reservationId(3), at(MORNING))).toMatchObject({
    status: "OFFERED",
    offerExpiresAt: DEADLINE,
  });
  expect(await status(3, CLAIMED_UNTIL)).toBe("LAPSED");
});

it("is listed by account, newest first, and by event, oldest first", async () => {
  const mine = await allPages((cursor) => queries().listByAccount(ANN, { cursor, limit: 2 }, at(MORNING)));
  expect(mine.map(({ entryId }) => entryId)).toEqual([9, 6, 5, 4, 3, 2, 1].map(reservationId));
  const all = await allPages((cursor) => queries().listByEvent(EVENT, { cursor, limit: 4 }, at(MORNING)));
  expect(all.map(({ entryId, place }) => [entryId, place])).toEqual(
    [
      [1, null],
      [2, null],
      [3, null],
      [4, null],
      [5, null],
      [6, 1],
      [7, 1],
      [8, 2],
      [9, null],
    ].map(([entry, place]) => [reservationId(entry as number), place]),
  );
});

it("knows nothing of what is no entry", async () => {
  expect(await queries().get(reservationId(99), at(MORNING))).toBeNull();
  expect(await queries().get("no id of ours", at(MORNING))).toBeNull();
});

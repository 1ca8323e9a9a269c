import fc from "fast-check";
import type { Wish } from "./inventory-model.ts";
import type { Opening } from "./inventory-run.ts";

/** Random wishes over few ids, accounts and tickets, so that they get into each other's way. */

const ACCOUNTS = ["ada", "bob", "cyd"] as const;

/** Mostly always the same, sometimes another. */
const other = fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1);
const ownedBy = (n: number, another: number) => ACCOUNTS[(n + another) % 3] as string;

/** A reservation and who asks for it. */
const whose = fc.tuple(fc.nat(6), other).map(([n, another]) => ({ id: `r${n}`, account: ownedBy(n, another) }));

/** A reservation, or a line of one of two carts, and which booking asks for it. */
const bookings = fc.tuple(fc.nat(8), other, other).map(([n, another, anotherBooking]) => ({
  id: n < 7 ? `r${n}` : `line${n}`,
  account: ownedBy(n, another),
  booking: `b${(n + anotherBooking) % 3}`,
}));
const anyones = bookings.map(({ id, account }) => ({ id, account }));
const seconds = fc.constantFrom(1, 2, 5, 10);

export const opening: fc.Arbitrary<Opening> = fc.record({
  capacity: fc.integer({ min: 1, max: 12 }),
  maxPerUser: fc.constantFrom(null, null, 3, 5),
  maxPerOrder: fc.constantFrom(3, 4, 100),
  termSeconds: seconds,
});

export const reserving = fc
  .tuple(whose, fc.integer({ min: 1, max: 4 }), fc.option(seconds, { nil: null }))
  .map(([one, quantity, ttlSeconds]) => ({ do: "reserve" as const, ...one, quantity, seconds: ttlSeconds }));

const lining = fc
  .tuple(fc.constantFrom(7, 8), other, fc.nat(4), seconds)
  .map(([n, another, quantity, cartSeconds]) => ({
    do: "line" as const,
    id: `line${n}`,
    account: ownedBy(n, another),
    quantity,
    seconds: cartSeconds,
  }));

const outcome = fc.constantFrom(
  "declined" as const,
  "abandoned" as const,
  "withdrawn" as const,
  "timed-out" as const,
  "late" as const,
);

export const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 20, arbitrary: reserving },
  { weight: 16, arbitrary: anyones.map((one) => ({ do: "extend" as const, ...one })) },
  { weight: 6, arbitrary: anyones.map((one) => ({ do: "release" as const, ...one })) },
  { weight: 12, arbitrary: lining },
  {
    weight: 12,
    arbitrary: fc.tuple(bookings, seconds).map(([one, s]) => ({ do: "claim" as const, ...one, seconds: s })),
  },
  { weight: 8, arbitrary: bookings.map(({ id, booking }) => ({ do: "confirm" as const, id, booking })) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(bookings, outcome)
      .map(([{ id, booking }, how]) => ({ do: "let-go" as const, id, booking, outcome: how })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(bookings, fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 4 }))
      .map(([{ id, booking }, tickets]) => ({ do: "return" as const, id, booking, tickets })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(bookings, fc.integer({ min: 1, max: 4 }), seconds)
      .map(([one, quantity, s]) => ({ do: "hold-again" as const, ...one, quantity, seconds: s })),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("capacity" as const), capacity: fc.nat(14) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("term" as const), seconds }) },
  { weight: 3, arbitrary: fc.constant<Wish>({ do: "lapse" }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ do: "close" }) },
);

/** What seldom comes about by chance: several payments in a row for a reservation, of which the last may go through. */
const payments: fc.Arbitrary<readonly Wish[]> = fc
  .tuple(bookings, fc.integer({ min: 1, max: 4 }), fc.boolean())
  .map(([{ id, account, booking }, times, isPaid]) => {
    const claiming: Wish = { do: "claim", id, account, booking, seconds: 5 };
    const attempt: readonly Wish[] = [claiming, { do: "let-go", id, booking, outcome: "declined" }];
    const paid: readonly Wish[] = isPaid ? [claiming, { do: "confirm", id, booking }] : [];
    return [reservingOne({ id, account }), ...Array.from({ length: times }, () => attempt).flat(), ...paid];
  });

const extensions: fc.Arbitrary<readonly Wish[]> = fc.oneof(
  whose.map((one): readonly Wish[] => [reservingOne(one), { do: "extend", ...one }, { do: "extend", ...one }]),
  lining.map((line): readonly Wish[] => [
    { ...line, quantity: 1 },
    { do: "extend", id: line.id, account: line.account },
  ]),
);

const reservingOne = (one: { readonly id: string; readonly account: string }): Wish => ({
  do: "reserve",
  ...one,
  quantity: 1,
  seconds: null,
});

export const wishes: fc.Arbitrary<readonly Wish[]> = fc
  .array(
    fc.oneof(
      { weight: 14, arbitrary: wish.map((one) => [one]) },
      { weight: 1, arbitrary: payments },
      { weight: 1, arbitrary: extensions },
    ),
    {
      minLength: 2,
      maxLength: 10,
    },
  )
  .map((stories) => stories.flat());

/** Time passes between batches, not within one; often just to the instant at which something comes due. */
const passesMs = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 0, 1, 999, 1_000, 2_000, 4_999, 5_000) },
  { weight: 4, arbitrary: fc.nat(12_000) },
  { weight: 1, arbitrary: fc.constantFrom(55_000, 60_999, 61_000, 65_000) },
);

export interface WishBatch {
  readonly passesMs: number;
  readonly wishes: readonly Wish[];
  /** Whether the batch becomes durable; otherwise it is rolled back. */
  readonly durable: boolean;
}

export const batches: fc.Arbitrary<readonly WishBatch[]> = fc.array(
  fc.record({
    passesMs,
    wishes,
    durable: fc.nat(3).map((n) => n > 0),
  }),
  { maxLength: 12 },
);

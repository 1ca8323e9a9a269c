import fc from "fast-check";
import type { Wish } from "./inventory-model.ts";
import type { Opening } from "./inventory-run.ts";

/** Random wishes over few ids, accounts and tickets, so that they get into each other's way. */

const ACCOUNTS = ["ada", "bob", "cyd"] as const;

/** A reservation and who asks for it: mostly always the same, sometimes somebody else. */
const whose = fc
  .tuple(fc.nat(6), fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1))
  .map(([n, other]) => ({ id: `r${n}`, account: ACCOUNTS[(n + other) % 3] as string }));
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

export const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 10, arbitrary: reserving },
  { weight: 12, arbitrary: whose.map((one) => ({ do: "extend" as const, ...one })) },
  { weight: 3, arbitrary: whose.map((one) => ({ do: "release" as const, ...one })) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("capacity" as const), capacity: fc.nat(14) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("term" as const), seconds }) },
  { weight: 1, arbitrary: fc.constant<Wish>({ do: "lapse" }) },
);

/** Time passes between batches, not within one; often just to the instant at which something comes due. */
const passesMs = fc.oneof(fc.constantFrom(0, 0, 1, 999, 1_000, 2_000, 4_999, 5_000), fc.nat(12_000));

export interface WishBatch {
  readonly passesMs: number;
  readonly wishes: readonly Wish[];
  /** Whether the batch becomes durable; otherwise it is rolled back. */
  readonly durable: boolean;
}

export const batches: fc.Arbitrary<readonly WishBatch[]> = fc.array(
  fc.record({
    passesMs,
    wishes: fc.array(wish, { minLength: 2, maxLength: 10 }),
    durable: fc.nat(3).map((n) => n > 0),
  }),
  { maxLength: 12 },
);

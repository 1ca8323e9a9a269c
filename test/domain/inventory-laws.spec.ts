import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { boughtIn, judge, liveAt, type Model, ticketsOf, type Verdict, type Wish } from "./inventory-model.ts";
import { type Answer, everythingOf, liveIn, modelOf, Run } from "./inventory-run.ts";
import { batches, opening, reserving, wishes as someWishes, type WishBatch } from "./inventory-wishes.ts";
import { audit } from "./log-audit.ts";

/** Some work, of which some batches fail: what the log then holds is what was durable. */
function worked(run: Run, work: readonly WishBatch[]): Run {
  for (const { passesMs, wishes, durable } of work) {
    run.atMs += passesMs;
    for (const one of wishes) run.do(one);
    if (durable) run.commit();
    else run.rollback();
  }
  return run;
}

/** In ms; each law takes well under a second where the machine is not busy. */
const timeout = 30_000;

describe("whatever is wished for, in whatever batches, committed or not", { timeout }, () => {
  it("every answer is the one that plain arithmetic gives", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = new Run(start);
        let model = modelOf(start);
        for (const { passesMs, wishes, durable } of work) {
          run.atMs += passesMs;
          const before = model;
          for (const one of wishes) {
            const verdict = judge(model, one, run.atMs);
            const onRecord = run.state.tables.reservations.has("id" in one ? one.id : "");
            const answer = run.do(one);
            seen.add(answer === "granted" ? one.do : answer.code);
            model = agreed(model, one, verdict, answer, onRecord);
          }
          expect(liveIn(run.state, run.atMs)).toEqual(live(model, run.atMs));
          if (durable) run.commit();
          else {
            run.rollback();
            model = before;
          }
          expect(run.state.capacity).toBe(model.capacity);
          expect(liveIn(run.state, run.atMs)).toEqual(live(model, run.atMs));
        }
      }),
      { numRuns: 200 },
    );
    // The wishes have to be such that all of this comes about, or the law above says little.
    expect([...seen].sort()).toEqual([
      "already-exists",
      "capacity",
      "capacity-below-commitments",
      "claim",
      "close",
      "confirm",
      "event-cancelled",
      "extend",
      "extension-used",
      "hold-again",
      "lapse",
      "let-go",
      "limit-exceeded",
      "line",
      "not-extendable",
      "payment-in-progress",
      "release",
      "reservation-expired",
      "reservation-not-held",
      "reserve",
      "return",
      "sold-out",
      "term",
      "too-many-attempts",
    ]);
  });

  const live = (model: Model, atMs: number) => ({
    reservations: liveAt(model, atMs),
    bought: model.bought.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  });

  /** The model after an answer that it agrees with. */
  function agreed(model: Model, one: Wish, verdict: Verdict, answer: Answer, onRecord: boolean): Model {
    // An id whose reservation is over but still on record stays taken until that is recorded.
    if (one.do === "reserve" && onRecord) {
      expect(answer).toMatchObject({ code: "already-exists" });
      return model;
    }
    if ("granted" in verdict) {
      expect(answer).toBe("granted");
      return verdict.granted;
    }
    const { code, details } = answer as Exclude<Answer, "granted">;
    expect(verdict.refused).toContain(code);
    expect(details).toEqual(verdict.details);
    return model;
  }

  it("held + booked + available is the total at every revision, none of them negative, as the log alone proves", () => {
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = new Run(start);
        for (const { passesMs, wishes, durable } of work) {
          run.atMs += passesMs;
          for (const one of wishes) {
            const decision = run.decide(one);
            if (!decision.accepted) continue;
            run.stage(decision.events, () => {
              const { capacity, held, claimed, booked, tables } = run.state;
              const counts = { total: capacity, held, booked, available: capacity - held - booked };
              expect(audit(run.log).at(-1)).toEqual(counts);
              expect(Math.min(held, booked, counts.available)).toBeGreaterThanOrEqual(0);
              const reservations = [...tables.reservations.entries()].map(([, one]) => one);
              expect(ticketsOf(reservations)).toBe(held);
              expect(ticketsOf(reservations.filter((one) => one.claim !== null))).toBe(claimed);
              expect(boughtIn(liveIn(run.state, run.atMs).bought)).toBe(booked);
            });
          }
          if (durable) run.commit();
          else run.rollback();
        }
        audit(run.log);
      }),
      { numRuns: 200 },
    );
  });

  it("the log replayed is the state, wherever it is cut into batches", () => {
    fc.assert(
      fc.property(opening, batches, fc.infiniteStream(fc.boolean()), (start, work, cuts) => {
        const run = worked(new Run(start), work);
        let replayed: Inventory = inventory.initialState();
        for (const { event } of run.log) {
          replayed = inventory.evolve(replayed, event);
          if (cuts.next().value) for (const staged of inventory.stagedIn(replayed)) staged.commit();
        }
        for (const staged of inventory.stagedIn(replayed)) staged.commit();
        expect(everythingOf(replayed, run.atMs)).toEqual(everythingOf(run.state, run.atMs));
      }),
      { numRuns: 200 },
    );
  });

  it("a batch rolled back was never decided", () => {
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = worked(new Run(start), work);
        const onlyDurable = new Run(start);
        for (const batch of work) {
          if (batch.durable) worked(onlyDurable, [batch]);
          else onlyDurable.atMs += batch.passesMs;
        }
        expect(run.log).toEqual(onlyDurable.log);
        expect(everythingOf(run.state, run.atMs)).toEqual(everythingOf(onlyDurable.state, run.atMs));
      }),
      { numRuns: 200 },
    );
  });

  it("a reservation that is due counts as lapsed, whether that is recorded or not", () => {
    fc.assert(
      fc.property(opening, batches, fc.nat(12_000), (start, work, passesMs) => {
        const run = worked(new Run(start), work);
        run.atMs += passesMs;
        const unrecorded = answersTo(run);
        for (let portions = 0; portions < 2; portions += 1) {
          run.do({ do: "lapse" });
          run.commit();
        }
        expect([...run.state.tables.calendar.due(run.atMs)]).toEqual([]);
        expect(answersTo(run)).toEqual(unrecorded);
      }),
      { numRuns: 200 },
    );
  });

  const answersTo = (run: Run) => {
    const state = everythingOf(run.state, run.atMs);
    return "answers" in state ? state.answers : [];
  };
});

describe("wishes that come at the same time", { timeout }, () => {
  const atOnce = fc.array(someWishes, { maxLength: 3 }).map((several) => several.flat());

  it("have the same outcome in any division into batches", () => {
    fc.assert(
      fc.property(opening, batches, atOnce, fc.infiniteStream(fc.boolean()), (start, work, wishes, cuts) => {
        const together = worked(new Run(start), work);
        const divided = worked(new Run(start), work);
        for (const one of wishes) {
          expect(divided.do(one)).toEqual(together.do(one));
          if (cuts.next().value) divided.commit();
        }
        together.commit();
        divided.commit();
        expect(divided.log).toEqual(together.log);
        expect(everythingOf(divided.state, divided.atMs)).toEqual(everythingOf(together.state, together.atMs));
      }),
      { numRuns: 200 },
    );
  });

  /** Reservations of new ids, and the same in another order. */
  const inTwoOrders = (quantity: number | null) =>
    fc
      .array(reserving, { maxLength: 20 })
      .map((wishes) =>
        wishes.map(
          (one, index) => ({ ...one, id: `new-${index}`, ...(quantity === null ? {} : { quantity }) }) as Wish,
        ),
      )
      .chain((wishes) =>
        fc.tuple(
          fc.constant(wishes),
          fc.shuffledSubarray(wishes, { minLength: wishes.length, maxLength: wishes.length }),
        ),
      );

  it("sell as many single tickets in any order: as many as are left and as the limits allow", () => {
    fc.assert(
      fc.property(opening, batches, inTwoOrders(1), (start, work, orders) => {
        const sums = orders.map((wishes) => {
          const run = worked(new Run(start), work.map(without("close")));
          const { reservations: live, bought } = liveIn(run.state, run.atMs);
          const wanted = Map.groupBy(wishes, (one) => (one.do === "reserve" ? one.account : ""));
          const allowed = [...wanted].map(([account, ofAccount]) => {
            const isOwn = (one: { readonly account: string }) => one.account === account;
            const own = ticketsOf(live.filter(isOwn)) + boughtIn(bought.filter(isOwn));
            return start.maxPerUser === null
              ? ofAccount.length
              : Math.min(ofAccount.length, Math.max(0, start.maxPerUser - own));
          });
          const sold = wishes.filter((one) => run.do(one) === "granted").length;
          const free = run.state.capacity - ticketsOf(live) - boughtIn(bought);
          expect(sold).toBe(
            Math.min(
              free,
              allowed.reduce((sum, n) => sum + n, 0),
            ),
          );
          return ticketsOf(liveIn(run.state, run.atMs).reservations);
        });
        expect(sums[0]).toBe(sums[1]);
      }),
      { numRuns: 200 },
    );
  });

  it("leave the same behind in any order, where there is enough for all", () => {
    fc.assert(
      fc.property(batches, inTwoOrders(null), fc.array(fc.nat(9)), (work, orders, releases) => {
        const start = { capacity: 1_000, maxPerUser: null, maxPerOrder: 100, termSeconds: 5 };
        const [first, second] = orders.map((wishes, index) => {
          const run = worked(new Run(start), work.map(without("capacity", "close")));
          const ids = [...new Set(releases)].map((n) => `r${n}`);
          const back = ids.flatMap((id): readonly Wish[] => {
            const reservation = run.state.tables.reservations.get(id);
            const isPaidFor = reservation !== undefined && reservation.claim !== null;
            return isPaidFor ? [] : [{ do: "release", id, account: reservation?.accountId ?? "nobody" }];
          });
          const all = index === 0 ? [...wishes, ...back] : [...back.toReversed(), ...wishes];
          for (const one of all) expect(run.do(one)).toBe("granted");
          return liveIn(run.state, run.atMs);
        });
        expect(first).toEqual(second);
      }),
      { numRuns: 200 },
    );
  });

  const without =
    (...wishes: readonly Wish["do"][]) =>
    (batch: WishBatch): WishBatch => ({
      ...batch,
      wishes: batch.wishes.filter((one) => !wishes.includes(one.do)),
    });
});

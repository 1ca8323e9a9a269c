import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { judge, liveAt, type Model, ticketsOf, type Verdict, type Wish } from "./inventory-model.ts";
import { type Answer, everythingOf, liveIn, modelOf, Run } from "./inventory-run.ts";
import { batches, opening, reserving, type WishBatch, wish } from "./inventory-wishes.ts";
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
          expect(liveIn(run.state, run.atMs)).toEqual(liveAt(model, run.atMs));
          if (durable) run.commit();
          else {
            run.rollback();
            model = before;
          }
          expect(run.state.capacity).toBe(model.capacity);
          expect(liveIn(run.state, run.atMs)).toEqual(liveAt(model, run.atMs));
        }
      }),
      { numRuns: 200 },
    );
    // The wishes have to be such that all of this comes about, or the law above says little.
    expect([...seen].sort()).toEqual([
      "already-exists",
      "capacity",
      "capacity-below-commitments",
      "extend",
      "extension-used",
      "lapse",
      "limit-exceeded",
      "release",
      "reservation-expired",
      "reservation-not-held",
      "reserve",
      "sold-out",
      "term",
    ]);
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
              const { capacity, held, booked, tables } = run.state;
              const counts = { total: capacity, held, booked, available: capacity - held - booked };
              expect(audit(run.log).at(-1)).toEqual(counts);
              expect(Math.min(held, booked, counts.available)).toBeGreaterThanOrEqual(0);
              expect(ticketsOf([...tables.reservations.entries()].map(([, one]) => one))).toBe(held);
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
  const atOnce = fc.array(wish, { maxLength: 20 });

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
          const run = worked(new Run(start), work);
          const live = liveIn(run.state, run.atMs);
          const wanted = Map.groupBy(wishes, (one) => (one.do === "reserve" ? one.account : ""));
          const allowed = [...wanted].map(([account, ofAccount]) => {
            const own = ticketsOf(live.filter((one) => one.account === account));
            return start.maxPerUser === null ? ofAccount.length : Math.min(ofAccount.length, start.maxPerUser - own);
          });
          const sold = wishes.filter((one) => run.do(one) === "granted").length;
          const free = run.state.capacity - ticketsOf(live);
          expect(sold).toBe(
            Math.min(
              free,
              allowed.reduce((sum, n) => sum + n, 0),
            ),
          );
          return ticketsOf(liveIn(run.state, run.atMs));
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
          const run = worked(new Run(start), work.map(withoutShrinking));
          const owner = (id: string) => run.state.tables.reservations.get(id)?.accountId ?? "nobody";
          const back = [...new Set(releases)]
            .map((n) => `r${n}`)
            .map((id) => ({ do: "release", id, account: owner(id) }) as Wish);
          const all = index === 0 ? [...wishes, ...back] : [...back.toReversed(), ...wishes];
          for (const one of all) expect(run.do(one)).toBe("granted");
          return liveIn(run.state, run.atMs);
        });
        expect(first).toEqual(second);
      }),
      { numRuns: 200 },
    );
  });

  const withoutShrinking = (batch: WishBatch): WishBatch => ({
    ...batch,
    wishes: batch.wishes.filter((one) => one.do !== "capacity"),
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import { readInventory, writeInventory } from "../../src/domain/inventory-snapshot.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { everythingOf } from "./inventory-run.ts";
import { auditWaitlist, bookedIn, heldIn, nextOf } from "./waitlist-audit.ts";
import { batches, opening, Run, wanting } from "./waitlist-run.ts";
import { join } from "./waitlist-words.ts";

/** What everybody is told who would join now. */
const joinsIn = (state: Inventory, atMs: number) =>
  Array.from({ length: 7 }, (_, i) =>
    inventory.decide({ ...join("another", { by: `account-${i}`, quantity: 3 }), atMs }, state),
  );

/** In ms; each law takes well under two seconds where the machine is not busy. */
const timeout = 30_000;

describe("whoever waits, comes and goes, committed or not", { timeout }, () => {
  it("no walk-up gets a ticket while it would do for somebody who waits, and each offer is for the oldest that fits", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = new Run(start);
        for (const batch of work) {
          run.work(batch, (answer) => {
            for (const one of [answer].flat()) seen.add(one);
          });
        }
        auditWaitlist(run.log, start.maxPerUser);
      }),
      { numRuns: 300 },
    );
    // The wishes have to be such that all of this comes about, or the law above says little.
    expect([...seen].sort()).toEqual([
      "CapacityChanged",
      "ReservationClaimed",
      "ReservationConfirmed",
      "ReservationReleased",
      "ReservationsExpired",
      "TicketsOffered",
      "TicketsReserved",
      "TicketsReturned",
      "WaitlistJoined",
      "WaitlistLeft",
      "already-waiting",
      "capacity-below-commitments",
      "limit-exceeded",
      "reservation-expired",
      "sold-out",
      "tickets-available",
    ]);
  });

  it("those who wait for as many are offered tickets in the order in which they joined", () => {
    fc.assert(
      fc.property(opening, batches, ({ capacity }, work) => {
        const run = new Run({ capacity, maxPerUser: null });
        for (const batch of work) run.work(batch);
        const joined = new Map<string, number>();
        const last = new Map<number, number>();
        for (const [n, { event }] of run.log.entries()) {
          if (event.type === "WaitlistJoined") joined.set(event.data.entryId, n);
          if (event.type !== "TicketsOffered") continue;
          for (const { entryId, quantity } of event.data.offers) {
            const since = joined.get(entryId) as number;
            expect(since).toBeGreaterThan(last.get(quantity) ?? -1);
            last.set(quantity, since);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("tickets that come back are offered at once: a decision that frees some leaves nobody behind whom they would do", () => {
    const freeing = ["ReservationReleased", "TicketsReturned", "CapacityChanged", "ReservationsExpired"];
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = new Run(start);
        for (const batch of work) {
          run.work(batch, (answer) => {
            if (typeof answer === "string" || !answer.some((type) => freeing.includes(type))) return;
            const ledger = auditWaitlist(run.log, start.maxPerUser).at(-1);
            if (ledger !== undefined) expect(nextOf(ledger, run.atMs, start.maxPerUser)).toBeUndefined();
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it("held and booked are what the log says, and so is who waits, in that order", () => {
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = new Run(start);
        for (const batch of work) {
          run.work(batch);
          const ledger = auditWaitlist(run.log, start.maxPerUser).at(-1);
          if (ledger === undefined) throw new Error("no log");
          const { capacity, held, booked, tables } = run.state;
          expect([capacity, held, booked]).toEqual([ledger.capacity, heldIn(ledger), bookedIn(ledger)]);
          expect([...tables.waitlist.entries()]).toEqual(
            ledger.waiting.map(({ entryId, accountId, quantity }) =>
              expect.objectContaining({ entryId, accountId, quantity }),
            ),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("the log replayed, a snapshot and what was never rolled back are the same inventory", () => {
    fc.assert(
      fc.property(opening, batches, fc.infiniteStream(fc.boolean()), (start, work, cuts) => {
        const run = new Run(start);
        for (const batch of work) run.work(batch);
        let replayed: Inventory = inventory.initialState();
        for (const { event } of run.log) {
          replayed = inventory.evolve(replayed, event);
          if (cuts.next().value) for (const staged of inventory.stagedIn(replayed)) staged.commit();
        }
        for (const staged of inventory.stagedIn(replayed)) staged.commit();
        const now = everythingOf(run.state, run.atMs);
        expect(everythingOf(replayed, run.atMs)).toEqual(now);
        const restored = readInventory(JSON.parse(JSON.stringify(writeInventory(run.state))));
        expect(everythingOf(restored, run.atMs)).toEqual(now);
        expect(joinsIn(restored, run.atMs)).toEqual(joinsIn(run.state, run.atMs));
        expect(joinsIn(replayed, run.atMs)).toEqual(joinsIn(run.state, run.atMs));
      }),
      { numRuns: 200 },
    );
  });

  it("what is due counts as over to whoever comes along, whether that is recorded or not", () => {
    const waits = fc.constantFrom(0, 1, 1_000, 5_000, 20_000);
    fc.assert(
      fc.property(opening, batches, waits, wanting, (start, work, passesMs, one) => {
        const [kept, unkept] = [new Run(start), new Run(start)];
        for (const run of [kept, unkept]) {
          for (const batch of work) run.work(batch);
          run.atMs += passesMs;
        }
        kept.decide({ type: "LapseDue" });
        kept.commit();
        const answers = [kept, unkept].map((run) => [run.do({ ...one, account: "stranger" })].flat().at(-1));
        expect(answers[0]).toEqual(answers[1]);
      }),
      { numRuns: 300 },
    );
  });
});

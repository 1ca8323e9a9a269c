import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Pace, passed, shareOut } from "../../../src/domain/waiting-room/pace.ts";

describe("the pace", () => {
  it("is what was set, however time is cut up", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 60, maxLength: 200 });
    fc.assert(
      fc.property(cuts, fc.integer({ min: 1, max: 1_000_000 }), (pauses, admitPerMinute) => {
        let pace: Pace = { credit: 0, atMs: 0 };
        let called = 0;
        for (const pauseMs of pauses) {
          pace = passed(pace, pace.atMs + pauseMs, admitPerMinute);
          called += pace.credit;
          pace = { ...pace, credit: 0 };
        }
        expect(called).toBeCloseTo((admitPerMinute * pace.atMs) / 60_000, 4);
      }),
    );
  });

  it("does not save up what nobody was there for", () => {
    const idle = passed(passed({ credit: 0, atMs: 0 }, 5_000, 600), 5_250, 600);
    expect(idle.credit).toBeLessThanOrEqual(10 + 2.5);
    const slow = passed(passed({ credit: 1, atMs: 0 }, 5_000, 6), 5_000, 6);
    expect(slow.credit).toBe(1);
  });

  it("makes up for a takeover of some seconds, not for an hour", () => {
    expect(passed({ credit: 0, atMs: 0 }, 4_000, 60).credit).toBe(4);
    expect(passed({ credit: 0, atMs: 0 }, 3_600_000, 60).credit).toBe(5);
  });

  it("never goes back in time", () => {
    expect(passed({ credit: 0, atMs: 1_000 }, 500, 60)).toEqual({ credit: 0, atMs: 1_000 });
  });
});

describe("sharing out who is called", () => {
  it("gives each class its share while somebody waits in each", () => {
    const called = shareOut(10, [
      { share: 0.7, people: 100 },
      { share: 0.3, people: 100 },
    ]);
    expect(called[0]).toBeCloseTo(7);
    expect(called[1]).toBeCloseTo(3);
  });

  it("leaves nothing unused that others could have", () => {
    expect(
      shareOut(10, [
        { share: 0.7, people: 100 },
        { share: 0.3, people: 1 },
      ]),
    ).toEqual([9, 1]);
    expect(
      shareOut(10, [
        { share: 0, people: 100 },
        { share: 1, people: 0 },
      ]),
    ).toEqual([10, 0]);
  });

  it("calls nobody of a class beyond those who wait in it, however often it gets a part of what others leave", () => {
    const called = shareOut(10, [
      { share: 0.5, people: 6 },
      { share: 0.3, people: 1 },
      { share: 0.2, people: 100 },
    ]);
    expect(called[0]).toBeCloseTo(6);
    expect(called[1]).toBeCloseTo(1);
    expect(called[2]).toBeCloseTo(3);
  });

  it("is even between classes without a share, which get what others leave", () => {
    const none = { share: 0, people: 100 };
    expect(shareOut(10, [none, none, { share: 1, people: 4 }])).toEqual([3, 3, 4]);
  });

  it("calls all that may be called and no more, and none who is not there", () => {
    const classes = fc.array(
      fc.record({
        share: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
        people: fc.double({ min: 0, max: 1e6, noNaN: true }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), classes, (calls, waiting) => {
        const called = shareOut(calls, waiting);
        const all = waiting.reduce((sum, { people }) => sum + people, 0);
        expect(called.reduce((sum, one) => sum + one, 0)).toBeCloseTo(Math.min(calls, all), 3);
        for (const [index, one] of called.entries()) {
          expect(one).toBeLessThanOrEqual((waiting[index]?.people ?? 0) + 1e-6);
        }
      }),
    );
  });
});

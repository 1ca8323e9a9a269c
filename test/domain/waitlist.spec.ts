import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { StagedMap } from "../../src/domain/staged-map.ts";
import { type WaitingEntry, Waitlist } from "../../src/domain/waitlist.ts";

const entry = (entryId: string, quantity = 1, accountId = `of-${entryId}`): WaitingEntry => ({
  entryId,
  accountId,
  quantity,
  offerTtlSeconds: 60,
});

const ids = (entries: Iterable<WaitingEntry>): string[] => [...entries].map(({ entryId }) => entryId);
const next = (list: Waitlist, free: number, max = 100): string[] => ids(list.next(free, max));

/** Counts how often it is asked whether somebody still waits. */
function looked(): () => number {
  const look = vi.spyOn(StagedMap.prototype, "get");
  return () => look.mock.calls.length;
}

afterEach(() => void vi.restoreAllMocks());

describe("a waitlist", { timeout: 30_000 }, () => {
  it("gives the oldest first, as many as fit together", () => {
    const list = new Waitlist([entry("a"), entry("b"), entry("c")]);
    expect(next(list, 2)).toEqual(["a", "b"]);
    expect(next(list, 0)).toEqual([]);
  });

  it("passes over who needs more than is left, and goes on with who doesn't", () => {
    const list = new Waitlist([entry("a", 4), entry("b", 2), entry("c", 3), entry("d", 1), entry("e", 1)]);
    expect(next(list, 3)).toEqual(["b", "d"]);
    expect(next(list, 4)).toEqual(["a"]);
    expect(next(list, 10)).toEqual(["a", "b", "c", "d"]);
  });

  it("passes over who may not have as many", () => {
    const list = new Waitlist([entry("a"), entry("b"), entry("c")]);
    expect(ids(list.next(2, 100, ({ entryId }) => entryId !== "a"))).toEqual(["b", "c"]);
  });

  it("gives no more than asked for", () => {
    const list = new Waitlist([entry("a", 2), entry("b"), entry("c")]);
    expect(next(list, 9, 2)).toEqual(["a", "b"]);
    expect(next(list, Number.POSITIVE_INFINITY, 2)).toEqual(["a", "b"]);
  });

  it("keeps the turn of those who were passed over", () => {
    const list = new Waitlist([entry("a", 2), entry("b")]);
    list.offer("b");
    list.join(entry("c", 2));
    list.commit();
    expect(next(list, 4)).toEqual(["a", "c"]);
  });

  it("knows an account's entry until its offer has ended", () => {
    const list = new Waitlist([entry("a", 1, "ada")]);
    expect([list.entryOf("ada"), list.get("a")?.accountId, list.size]).toEqual(["a", "ada", 1]);
    list.offer("a");
    expect([list.entryOf("ada"), list.get("a"), list.size]).toEqual(["a", undefined, 0]);
    list.offerEnded(entry("a", 1, "ada"));
    expect(list.entryOf("ada")).toBeUndefined();
  });

  it("leaves a later entry of the account alone when an older offer ends", () => {
    const list = new Waitlist([], [{ entryId: "a", accountId: "ada" }]);
    list.join(entry("b", 1, "ada"));
    list.offerEnded(entry("a", 1, "ada"));
    expect(list.entryOf("ada")).toBe("b");
  });

  it("says when an entry doesn't wait", () => {
    expect(() => new Waitlist().leave("a")).toThrow("entry a is not in the waitlist");
  });

  it("costs a look at the heads, however many wait", () => {
    const list = new Waitlist(many(100_000));
    const looks = looked();
    expect(next(list, 3)).toEqual(["e0", "e1"]);
    expect(looks()).toBeLessThan(20);
  });

  it("does not look at what has left again and again", () => {
    const list = new Waitlist(many(10_000));
    for (let i = 0; i < 9_900; i += 1) list.leave(`e${i}`);
    const staged = looked();
    expect(next(list, 1)).toEqual(["e9900"]);
    expect(staged()).toBeLessThan(30);
    list.commit();
    vi.restoreAllMocks();
    const committed = looked();
    expect(next(list, 1)).toEqual(["e9900"]);
    expect(committed()).toBeLessThan(30);
  });

  it("cleans up what has left in the middle when it outnumbers those who wait", () => {
    const list = new Waitlist(many(10_000, 1));
    for (let i = 1; i < 9_999; i += 1) list.leave(`e${i}`);
    list.commit();
    const looks = looked();
    expect(next(list, 2)).toEqual(["e0", "e9999"]);
    expect(looks()).toBeLessThan(10);
  });

  it.each([1_000, 2_000])("looks at nobody when it commits, of %i who wait, again and again", (waiting) => {
    const list = new Waitlist(many(waiting, 1));
    const looks = looked();
    for (let commits = 0; commits < 3; commits += 1) {
      list.join(entry(`late${commits}`));
      list.commit();
    }
    expect(looks()).toBeLessThan(10);
  });

  it("has those first again who left, or were offered tickets, in an append that failed", () => {
    const list = new Waitlist([entry("a"), entry("b"), entry("c")]);
    list.leave("a");
    list.offer("b");
    list.join(entry("d"));
    list.rollback();
    expect(next(list, 9)).toEqual(["a", "b", "c"]);
    expect([list.size, list.entryOf("of-a"), list.entryOf("of-d")]).toEqual([3, "a", undefined]);
  });

  const many = (count: number, quantities = 10): WaitingEntry[] =>
    Array.from({ length: count }, (_, i) => entry(`e${i}`, 1 + (i % quantities)));
});

/** The same by plain arithmetic: a list in the order of arrival, and who has an offer. */
interface Naive {
  readonly waiting: readonly WaitingEntry[];
  readonly offers: readonly WaitingEntry[];
}

function naiveNext(waiting: readonly WaitingEntry[], free: number, max: number, barred: string): string[] {
  let left = free;
  const chosen = waiting.filter(({ quantity, accountId }) => {
    const fits = quantity <= left && accountId !== barred;
    if (fits) left -= quantity;
    return fits;
  });
  return ids(chosen).slice(0, max);
}

const account = fc.nat(5).map((n) => `account-${n}`);
const which = fc.nat(30);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("join" as const), account, quantity: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("leave" as const, "offer" as const, "end" as const), which }),
  },
  // often enough to make it clean up
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("crowd" as const), size: fc.integer({ min: 300, max: 1_500 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom("commit" as const, "rollback" as const, "restore" as const) }),
  },
);
const question = fc.record({ free: fc.nat(12), max: fc.integer({ min: 1, max: 8 }), barred: account });

it("gives who a plain list would give, whatever was committed, rolled back or restored", { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(step, question), { maxLength: 40 }), (steps) => {
      let list = new Waitlist();
      let model: Naive = { waiting: [], offers: [] };
      let durable = model;
      const without = (entries: readonly WaitingEntry[], gone: WaitingEntry) => entries.filter((one) => one !== gone);
      for (const [n, [one, { free, max, barred }]] of steps.entries()) {
        if (one.do === "join") {
          const joining = entry(`e${n}`, one.quantity, one.account);
          if (list.entryOf(one.account) !== undefined) continue;
          list.join(joining);
          model = { ...model, waiting: [...model.waiting, joining] };
        } else if (one.do === "leave" || one.do === "offer") {
          const chosen = model.waiting[one.which % Math.max(1, model.waiting.length)];
          if (chosen === undefined) continue;
          list[one.do](chosen.entryId);
          const offers = one.do === "offer" ? [...model.offers, chosen] : model.offers;
          model = { waiting: without(model.waiting, chosen), offers };
        } else if (one.do === "end") {
          const chosen = model.offers[one.which % Math.max(1, model.offers.length)];
          if (chosen === undefined) continue;
          list.offerEnded(chosen);
          model = { ...model, offers: without(model.offers, chosen) };
        } else if (one.do === "crowd") {
          for (let i = 0; i < one.size; i += 1) list.join(entry(`e${n}-${i}`, 1 + (i % 5)));
          for (let i = 0; i < one.size; i += 1) list.leave(`e${n}-${(i * 7_919) % one.size}`);
        } else if (one.do === "rollback") {
          list.rollback();
          model = durable;
        } else {
          list.commit();
          durable = model;
          if (one.do === "restore") list = new Waitlist([...list.entries()], model.offers);
        }
        expect(ids(list.entries())).toEqual(ids(model.waiting));
        expect(list.size).toBe(model.waiting.length);
        expect(ids(list.next(free, max, ({ accountId }) => accountId !== barred))).toEqual(
          naiveNext(model.waiting, free, max, barred),
        );
        for (let i = 0; i < 6; i += 1) {
          const own = [...model.waiting, ...model.offers].find(({ accountId }) => accountId === `account-${i}`);
          expect(list.entryOf(`account-${i}`)).toBe(own?.entryId);
        }
      }
    }),
    { numRuns: 200 },
  );
});

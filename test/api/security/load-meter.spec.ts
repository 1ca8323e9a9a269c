import { describe, expect, it } from "vitest";
import { type LoadLimits, LoadMeter } from "../../../src/api/server/load-meter.ts";

const limits: LoadLimits = {
  inFlight: 10,
  inFlightMost: 100,
  turnMs: 20,
  crowd: 10,
  requestsATurn: 60,
  standingMs: 200,
};
const read = { method: "GET", url: "/events/1" };
const write = { method: "POST", url: "/events/1/reservations" };
const finishing = { method: "POST", url: "/purchases" };
const health = { method: "GET", url: "/health/live" };

/** A meter whose time and turns go by as the spec says. */
function metered(changes: Partial<LoadLimits> = {}) {
  let nowMs = 1_000;
  let endTurn: (() => void) | null = null;
  const meter = new LoadMeter({
    limits: { ...limits, ...changes },
    monotonicMs: () => nowMs,
    atTurnsEnd: (callback) => {
      endTurn = callback;
    },
  });
  return {
    meter,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** A turn with so many requests, of which each takes so long. */
    turn(requests: number, eachMs: number, request: { method: string; url: string } = read): number {
      let begun = 0;
      for (let index = 0; index < requests; index += 1) {
        if (meter.begin(request) === null) continue;
        begun += 1;
        nowMs += eachMs;
      }
      endTurn?.();
      endTurn = null;
      return begun;
    },
    /** Answers so many of the requests in flight. */
    answer(requests: number) {
      for (let index = 0; index < requests; index += 1) meter.ended("reads");
    },
  };
}

/** Under overload, with nothing in flight. */
function overloaded(changes: Partial<LoadLimits> = {}) {
  const load = metered(changes);
  for (let turns = 0; turns <= 10; turns += 1) {
    load.turn(10, 2);
    load.answer(10);
  }
  expect(load.meter.overloaded).toBe(true);
  return load;
}

describe("a server that keeps up", () => {
  it("begins everything", () => {
    const { turn, answer, meter } = metered();
    for (let turns = 0; turns < 100; turns += 1) {
      expect(turn(9, 1)).toBe(9);
      answer(9);
    }
    expect(meter.overloaded).toBe(false);
  });

  it("bears bursts: too much for a while is not yet overload", () => {
    const { turn, answer, meter } = metered();
    for (let bursts = 0; bursts < 10; bursts += 1) {
      for (let turns = 0; turns < 4; turns += 1) expect(turn(20, 2)).toBe(20); // 160 ms
      answer(80);
      expect(turn(1, 1)).toBe(1);
      answer(1);
    }
    expect(meter.overloaded).toBe(false);
  });

  it("begins everything when turns are long though few ask: others keep the machine busy, or it has just started", () => {
    const { turn, answer, meter } = metered();
    for (let turns = 0; turns < 100; turns += 1) {
      expect(turn(9, 50)).toBe(9);
      answer(9);
    }
    expect(meter.overloaded).toBe(false);
  });

  it("holds no more than it can in memory, however short a burst is", () => {
    const { turn, meter } = metered({ inFlightMost: 15 });
    expect(turn(20, 0)).toBe(15);
    expect(meter.inFlight("reads")).toBe(15);
  });
});

describe("overload", () => {
  it("is when turns have been long for a while: then no more is begun in a turn than fits", () => {
    const { turn } = overloaded();
    expect(turn(50, 5)).toBe(4); // 20 ms
  });

  it("is when too many have been in flight for a while: then as many are", () => {
    const { meter, turn, pass, answer } = metered();
    turn(30, 0);
    for (let turns = 0; turns < 2; turns += 1) {
      expect(meter.overloaded).toBe(false);
      pass(100);
      turn(1, 0);
    }
    expect(meter.overloaded).toBe(true);
    expect(turn(5, 0)).toBe(0);
    answer(26);
    expect(meter.inFlight("reads")).toBe(6);
    expect(turn(10, 0)).toBe(4);
  });

  it("of writes, which wait for the store, leaves reads alone", () => {
    const { meter, turn, pass, answer } = metered();
    for (let turns = 0; turns < 4; turns += 1) {
      turn(10, 0, write);
      pass(100);
    }
    expect(turn(10, 0, write)).toBe(0);
    expect(turn(10, 0)).toBe(10);
    expect(meter.inFlight("writes")).toBe(30);
    answer(10);
  });

  it("lets in what finishes something for twice as long, and health always", () => {
    const { turn, meter, pass } = overloaded();
    expect(turn(50, 5, finishing)).toBe(8);
    expect(turn(50, 5, health)).toBe(50);
    meter.begin(read);
    pass(20);
    expect(meter.begin(read)).toBeNull();
    expect(meter.begin(finishing)).toBe("last");
    expect(meter.begin(health)).toBe("always");
    pass(20);
    expect(meter.begin(finishing)).toBeNull();
    expect(meter.begin(health)).toBe("always");
  });

  it("is in the middle of a turn that does not end, too", () => {
    const { turn, answer, meter } = metered();
    expect(turn(59, 5)).toBe(59); // long, but not that many: the process may just have been stopped for a moment
    expect(meter.overloaded).toBe(false);
    answer(59);
    expect(turn(200, 5)).toBe(59); // the sixtieth comes after 295 ms
    expect(meter.overloaded).toBe(true);
  });

  it("keeps what comes in one turn within bounds", () => {
    const { meter, turn } = overloaded();
    for (let requests = 1; requests <= 60; requests += 1) {
      expect(meter.turnIsFull).toBe(false);
      meter.begin(read);
    }
    expect(meter.turnIsFull).toBe(true);
    turn(0, 0);
    expect(meter.turnIsFull).toBe(false);
  });

  it("is not made by those who wait for a payment", () => {
    const { meter, turn, pass } = metered();
    for (let turns = 0; turns < 9; turns += 1) {
      turn(11, 0, finishing);
      pass(100);
    }
    expect([meter.inFlight("last"), meter.overloaded]).toEqual([99, false]);
    expect(turn(2, 0, finishing)).toBe(1);
  });

  it("stays while anything is refused, however quickly the others are answered", () => {
    const { meter, turn, pass, answer } = overloaded();
    for (let turns = 0; turns < 10; turns += 1) {
      for (let requests = 0; requests < 10; requests += 1) meter.begin(read);
      expect(meter.begin(read)).toBeNull();
      answer(10);
      turn(0, 0);
      pass(100);
    }
    expect(meter.overloaded).toBe(true);
  });

  it("ends when nothing has been refused for a while", () => {
    const { turn, answer, pass, meter } = overloaded();
    for (let turns = 0; turns < 20; turns += 1) {
      answer(turn(50, 5));
      expect(meter.overloaded).toBe(true);
    }
    for (let turns = 0; turns < 2; turns += 1) {
      answer(turn(2, 1));
      pass(90);
    }
    expect(meter.overloaded).toBe(true);
    pass(50);
    answer(turn(2, 1));
    expect(meter.overloaded).toBe(false);
    expect(turn(50, 5)).toBe(50);
  });
});

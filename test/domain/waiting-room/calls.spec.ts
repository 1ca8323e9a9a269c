import { expect, it } from "vitest";
import { ADMISSION_MS, Calls } from "../../../src/domain/waiting-room/calls.ts";

function calledTwice(): Calls {
  const calls = new Calls();
  calls.add({ atMs: 1_000, serving: 0.5, called: 50 });
  calls.add({ atMs: 2_000, serving: 3, called: 120 });
  return calls;
}

it("tells when a rank was called first, however much has been called since", () => {
  const calls = calledTwice();
  expect(calls.turnOf(0.2, 2_500)).toEqual({ is: "called", atMs: 1_000 });
  expect(calls.turnOf(0.5, 2_500)).toEqual({ is: "called", atMs: 2_000 });
  expect(calls.turnOf(3, 2_500)).toEqual({ is: "waiting" });
});

it("nobody is called before the first call", () => {
  expect(new Calls().turnOf(0, 0)).toEqual({ is: "waiting" });
});

it("a turn is over after 15 minutes, and stays so when its call is forgotten", () => {
  const calls = calledTwice();
  const over = 1_000 + ADMISSION_MS;
  expect(calls.turnOf(0.2, over - 1).is).toBe("called");
  expect(calls.turnOf(0.2, over).is).toBe("over");
  calls.forgetBefore(over - ADMISSION_MS);
  expect(calls.turnOf(0.2, over).is).toBe("over");
  expect(calls.turnOf(0.7, over).is).toBe("called");
  expect(calls.turnOf(3, over).is).toBe("waiting");
});

it("counts those who were called of late", () => {
  const calls = calledTwice();
  expect(calls.calledSince(0)).toBe(120);
  expect(calls.calledSince(1_000)).toBe(70);
  expect(calls.calledSince(2_000)).toBe(0);
  calls.forgetBefore(1_500);
  expect(calls.calledSince(1_000)).toBe(70);
});

it("a call that calls nobody else tells that time has passed", () => {
  const calls = calledTwice();
  calls.add({ atMs: 3_000, serving: 3, called: 120 });
  expect(calls.last.atMs).toBe(3_000);
});

it("counts all who were called where it is asked about a time before those that it keeps", () => {
  const calls = calledTwice();
  calls.forgetBefore(2_000);
  expect(calls.calledSince(500)).toBe(120);
});

it("keeps the calls of the last 15 minutes, and one before them", () => {
  const calls = new Calls();
  for (let second = 1; second <= 7_200; second += 1) {
    calls.add({ atMs: second * 1_000, serving: second, called: second });
    calls.forgetBefore(second * 1_000 - ADMISSION_MS);
  }
  expect(calls.size).toBe(901);
});

it("of two calls at the same time the first one counts: it is known already", () => {
  const calls = calledTwice();
  calls.add({ atMs: 2_000, serving: 9, called: 500 });
  expect(calls.last.serving).toBe(3);
});

it("calls never go back", () => {
  const calls = calledTwice();
  calls.add({ atMs: 1_500, serving: 9, called: 500 });
  calls.add({ atMs: 3_000, serving: 1, called: 500 });
  expect(calls.last.serving).toBe(3);
});

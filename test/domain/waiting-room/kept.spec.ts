import { expect, it } from "vitest";
import { keptFor } from "../../../src/domain/waiting-room/kept.ts";

const nobody = { called: 0, calledAndUsed: 0, came: 0, cameAndUsed: 0 };

it("a ticket is kept for whoever was called just now, whether he came or not", () => {
  expect(keptFor({ ...nobody, called: 10, calledAndUsed: 4 })).toBe(6);
});

it("later only for those who came, and did not reserve yet", () => {
  expect(keptFor({ ...nobody, came: 7, cameAndUsed: 5 })).toBe(2);
});

it("those who came and were not counted take nothing from what is kept for others", () => {
  expect(keptFor({ called: 3, calledAndUsed: 1, came: 2, cameAndUsed: 5 })).toBe(2);
  expect(keptFor({ called: 1, calledAndUsed: 2, came: 4, cameAndUsed: 1 })).toBe(3);
});

import { expect, it } from "vitest";
import { Found } from "../../../src/audit/verification/found.ts";

it("heads that differ leave room for what tells where: after one of them, all later ones of a sale differ, too", () => {
  const found = new Found();
  const ofLog = { code: "head-differs", stream: null, revision: null, detail: "" } as const;
  for (let position = 1; position <= 86_400; position += 1) found.add({ ...ofLog, position: String(position) });
  const chain = { code: "chain-broken", position: "7", stream: "booking-1", revision: 6, detail: "" } as const;
  found.add(chain);
  expect(found.count).toBe(86_401);
  expect(found.told[0]).toMatchObject({ code: "head-differs", position: "1" });
  expect(found.told).toContainEqual(chain);
});

it("of one stream ten are told, so that those of others are told, too", () => {
  const found = new Found();
  const add = (stream: string) => found.add({ code: "oversell", position: "1", stream, revision: 1, detail: "" });
  for (let n = 0; n < 2_000; n += 1) add("inventory-1");
  add("inventory-2");
  expect(found.told.filter(({ stream }) => stream === "inventory-1")).toHaveLength(10);
  expect(found.told.at(-1)).toMatchObject({ stream: "inventory-2" });
});

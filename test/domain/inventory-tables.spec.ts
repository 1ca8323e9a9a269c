import { afterEach, describe, expect, it, vi } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import type { HeldReservation, Inventory } from "../../src/domain/inventory-state.ts";
import { InventoryTables } from "../../src/domain/inventory-tables.ts";
import { StagedMap } from "../../src/domain/staged-map.ts";
import { stateOf } from "./given.ts";
import { opened, price, reserve, reserved, typeChanged } from "./inventory-words.ts";
import { hallOpened, reserveSeats, seatsReserved } from "./seats-words.ts";
import { ms, noon } from "./times.ts";

afterEach(() => void vi.restoreAllMocks());

const held = (accountId: string, expiresAtMs = ms(noon)): HeldReservation => ({
  accountId,
  quantity: 1,
  unitPrice: price,
  prices: undefined,
  seats: undefined,
  expiresAtMs,
  kind: "plain",
  extended: false,
  declined: 0,
  claim: null,
});

const rollback = (state: Inventory) => {
  for (const staged of inventory.stagedIn(state)) staged.rollback();
};

describe("the tables of an inventory", () => {
  it("keep nothing by account where there is no limit: there may be a million accounts", () => {
    const tables = new InventoryTables({ maxPerUser: null });
    tables.put("r1", held("ada"));
    expect(tables.ticketsOf("ada")).toBe(0);
    expect([...tables.ofAccount("ada")]).toEqual([]);
  });

  it("look for what is due among a few more than there are, however many have come and gone", () => {
    const tables = new InventoryTables({ maxPerUser: null });
    const commit = () => {
      for (const staged of tables.staged()) staged.commit();
    };
    tables.put("first", held("ada"));
    for (let i = 0; i < 3_000; i += 1) tables.put(`r${i}`, held("bob", ms(noon) + 60_000));
    commit();
    for (let i = 0; i < 3_000; i += 1) tables.remove(`r${i}`);
    commit();
    const look = vi.spyOn(StagedMap.prototype, "get");
    expect([...tables.calendar.due(Number.MAX_SAFE_INTEGER)]).toEqual(["first"]);
    expect(look.mock.calls.length).toBeLessThanOrEqual(2 * 1 + 1_024);
  });
});

describe("when an append fails", () => {
  it("the seats it would have held are free again, and those before it stay taken", () => {
    const before = stateOf(inventory, [hallOpened(), seatsReserved("r1", ["S-A-3"])]);
    rollback(inventory.evolve(before, seatsReserved("r2", ["S-A-4"])));
    expect(inventory.decide(reserveSeats("r3", ["S-A-4"]), before)).toMatchObject({ accepted: true });
    expect(inventory.decide(reserveSeats("r3", ["S-A-3"]), before)).toMatchObject({ code: "seat-taken" });
  });

  it("a limit that came before it stays, and one that came with it goes", () => {
    const limit = typeChanged({ maxPerUser: 1 });
    const limited = stateOf(inventory, [opened(), reserved("r1"), limit]);
    rollback(inventory.evolve(limited, reserved("r2")));
    expect(inventory.decide(reserve("r3"), limited)).toMatchObject({ code: "limit-exceeded" });
    const unlimited = stateOf(inventory, [opened(), reserved("r1")]);
    rollback(inventory.evolve(unlimited, limit));
    expect(inventory.decide(reserve("r3"), unlimited)).toMatchObject({ accepted: true });
    if (unlimited.status === "unopened") throw new Error("not opened");
    expect(unlimited.tables.ticketsOf("ada")).toBe(0);
  });
});

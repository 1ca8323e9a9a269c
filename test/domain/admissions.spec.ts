import { describe, expect, it } from "vitest";
import { type GivenAdmission, type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { TicketsReserved } from "../../src/domain/inventory-events.ts";
import { readInventory, writeInventory } from "../../src/domain/inventory-snapshot.ts";
import { lineReserved, setLine } from "./buying-words.ts";
import { stateOf } from "./given.ts";
import { given, opened, released, reserve, reserved } from "./inventory-words.ts";
import { evening, justBefore, later, ms, noon } from "./times.ts";

const until = later(noon, 60_000);
const admission: GivenAdmission = { admissionId: "a1", expiresAtMs: ms(until) };
const showing = (shown: GivenAdmission, command: InventoryCommand = reserve("r1")) =>
  ({ ...command, admission: shown }) as InventoryCommand;
const withIt = ({ type, data }: TicketsReserved): TicketsReserved => ({
  type,
  data: { ...data, admission: { id: "a1", expiresAt: until } },
});
const usedUp = [opened({ maxPerUser: 1 }), withIt(reserved("r1")), released("r1")] as const;

describe("an admission of a waiting room", () => {
  it("goes on record with the tickets that it was shown for", () => {
    given(opened())
      .when(showing(admission))
      .then(withIt(reserved("r1")));
    given(opened())
      .when(showing(admission, setLine("line", 1)))
      .then(withIt(lineReserved("line")));
  });

  it("is for one reservation, also when that has ended, and after a restart", () => {
    given(...usedUp)
      .when(showing(admission, reserve("r2")))
      .thenRefused("admission-used");
    given(...usedUp)
      .when(showing({ ...admission, admissionId: "a2" }, reserve("r2", { at: noon })))
      .then({
        ...withIt(reserved("r2")),
        data: { ...withIt(reserved("r2")).data, admission: { id: "a2", expiresAt: until } },
      });
    const restored = readInventory(JSON.parse(JSON.stringify(writeInventory(stateOf(inventory, usedUp)))));
    expect(inventory.decide(showing(admission, reserve("r2")), restored)).toMatchObject({ code: "admission-used" });
  });

  it("stands until its end, not one instant longer", () => {
    const expiresAt = later(justBefore(until), 600_000);
    given(opened())
      .when(showing(admission, reserve("r1", { at: justBefore(until) })))
      .then(withIt(reserved("r1", { expiresAt })));
    given(opened())
      .when(showing(admission, reserve("r1", { at: until })))
      .thenRefused("admission-expired");
    given(...usedUp)
      .when(showing(admission, reserve("r2", { at: until })))
      .thenRefused("admission-used");
  });

  it("that does not do is refused after guests, and before limits", () => {
    const none = { refusal: "admission-required" } as const;
    const tooMany = reserve("r1", { guest: true, quantity: 2 });
    const limited = { maxPerOrder: 1 };
    given(opened({ ...limited, event: { guestsAllowed: false } }))
      .when(showing(none, tooMany))
      .thenRefused("guests-not-allowed");
    given(opened(limited)).when(showing(none, tooMany)).thenRefused("admission-required");
    given(opened({ ...limited, event: { saleStartsAt: evening } }))
      .when(showing(none, tooMany))
      .thenRefused("sale-not-open");
    given(opened(limited)).when(showing(admission, tooMany)).thenRefused("limit-exceeded", { maxPerOrder: 1 });
  });

  it("may be shown again where the append failed", () => {
    const state = stateOf(inventory, [opened()]);
    inventory.evolve(state, withIt(reserved("r1")));
    for (const staged of inventory.stagedIn(state)) staged.rollback();
    expect(inventory.decide(showing(admission), state)).toMatchObject({ accepted: true });
  });
});

import { describe, it } from "vitest";
import { inventoryClosed } from "./buying-words.ts";
import { given, inventoryRemoved } from "./inventory-words.ts";
import { block, blocked, hallOpened, seatsReserved, unblock } from "./seats-words.ts";
import { joined } from "./waitlist-words.ts";

const hall = hallOpened();

describe("blocking seats", () => {
  it("is done already where they are blocked, and undone where they are not", () => {
    given(hall, blocked("S-A-3")).when(block("S-A-3", "T-A-4")).then();
    given(hall).when(unblock("S-A-3")).then();
  });

  it("goes before those who wait, who have no seats yet", () => {
    given(hall, seatsReserved("r1", ["S-A-3"]), joined("zoe", 1))
      .when(block("S-A-4"))
      .then(blocked("S-A-4"));
  });

  it("is not of what has no tickets for anybody any more", () => {
    for (const command of [block("S-A-3"), unblock("T-A-4")]) {
      given(hall, inventoryRemoved(8)).when(command).thenRefused("ticket-type-not-found");
      given(hall, inventoryClosed()).when(command).thenRefused("event-cancelled");
    }
  });
});

import { describe, it } from "vitest";
import { projectionSpecs } from "./given.ts";
import { capacityChanged, expired, opened, released, reservationId, reserved, typeChanged } from "./recorded.ts";
import { claimed, confirmed, offered, returned } from "./recorded-purchases.ts";
import { HALL, hallOpened, seatsBlocked, seatsChanged, seatsReserved, seatsUnblocked } from "./recorded-seats.ts";

const { given } = projectionSpecs();

const taken = (number: number, seats: string, more: object = {}) => ({
  reservation_id: reservationId(number),
  status: "H",
  seats,
  quantity: seats.split(",").length,
  returned: [],
  ...more,
});

describe("seat maps", () => {
  it("are kept as they were recorded, with the newest revision and price", async () => {
    await given(
      hallOpened(),
      seatsReserved(1, ["S-A-2"]),
      typeChanged({ price: { amount: 5_000, currency: "EUR" } }),
      released(1),
    ).then({
      seat_maps: [{ revision: 3, price: "5000", currency: "EUR", map: JSON.stringify(HALL) }],
      seats_taken: [],
    });
  });

  it("are kept of ticket types with numbered seats only", async () => {
    await given(opened(), capacityChanged(100, 90), reserved(1), claimed(1, 1), confirmed(1, 1)).then({
      seat_maps: [],
      seats_taken: [],
      seats_blocked: [],
    });
  });

  it("have on record what was blocked and unblocked since", async () => {
    await given(hallOpened(), seatsBlocked(["S-A-1", "S-A-2"]), seatsUnblocked(["S-A-2", "T-A-3"])).then({
      seats_blocked: [
        { seat: "S-A-1", is_blocked: true },
        { seat: "S-A-2", is_blocked: false },
        { seat: "T-A-3", is_blocked: false },
      ],
    });
  });
});

describe("seats that are taken", () => {
  it("are held, then sold, and free again one by one", async () => {
    await given(
      hallOpened(),
      seatsReserved(1, ["S-A-2", "S-A-3", "T-A-1"]),
      claimed(1, 1, { quantity: 3 }),
      confirmed(1, 1, { quantity: 3 }),
      seatsReserved(2, ["T-A-2"]),
      returned(1, 1, [2]),
      returned(1, 1, [0]),
    ).then({ seats_taken: [taken(1, "S-A-2,S-A-3,T-A-1", { status: "S", returned: [2, 0] }), taken(2, "T-A-2")] });
  });

  it("are nobody's when all tickets came back, when the reservation ended, and when its line took others", async () => {
    await given(
      hallOpened(),
      seatsReserved(1, ["S-A-2"]),
      claimed(1, 1),
      confirmed(1, 1),
      returned(1, 1, [0]),
      seatsReserved(2, ["S-A-2"]),
      released(2),
      seatsReserved(3, ["S-A-2"]),
      expired([3]),
      seatsReserved(4, ["S-A-2", "S-A-3"]),
      seatsChanged(4, ["S-A-2", "S-A-3"], ["S-A-3"]),
      seatsReserved(2, ["S-A-1"]),
    ).then({ seats_taken: [taken(2, "S-A-1"), taken(4, "S-A-3")] });
  });

  it("are those of offers, too", async () => {
    const offer = offered([7], { quantity: 1 });
    const [only] = (offer.event.data as { offers: readonly object[] }).offers;
    const withSeats = { ...offer.event, data: { ...offer.event.data, offers: [{ ...only, seats: ["S-A-3"] }] } };
    await given(hallOpened(), { ...offer, event: withSeats }).then({
      seats_taken: [{ reservation_id: (only as { entryId: string }).entryId, seats: "S-A-3" }],
    });
  });
});

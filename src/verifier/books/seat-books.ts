import type { Fact, Report } from "./fact.ts";

interface Seated {
  readonly seats?: readonly string[];
  readonly quantity: number;
}

interface SeatMap {
  readonly sections: readonly {
    readonly name: string;
    readonly rows: readonly { readonly name: string; readonly seats: string; readonly blocked?: string }[];
  }[];
}

/** Whose each seat of a ticket type is: no two owners, none that is blocked, none that is not there. */
export class SeatBooks {
  readonly #report: Report;
  /** null: tickets are not numbered. */
  #seats: Set<string> | null = null;
  readonly #blocked = new Set<string>();
  /** The reservation that has a seat. */
  readonly #owners = new Map<string, string>();
  readonly #seatsOf = new Map<string, readonly string[]>();

  constructor(report: Report) {
    this.#report = report;
  }

  take(fact: Fact): void {
    if (fact.type === "InventoryOpened") {
      this.#open((fact.data as { seatMap?: SeatMap }).seatMap);
      return;
    }
    if (this.#seats === null) return;
    switch (fact.type) {
      case "SeatsBlocked":
        for (const seat of (fact.data as { seats: string[] }).seats) {
          if (this.#owners.has(seat)) this.#twice(`${seat} was blocked though it was taken`, fact);
          this.#blocked.add(seat);
        }
        return;
      case "SeatsUnblocked":
        for (const seat of (fact.data as { seats: string[] }).seats) this.#blocked.delete(seat);
        return;
      case "TicketsReserved":
        this.#own((fact.data as { reservationId: string }).reservationId, fact.data as Seated, fact);
        return;
      case "TicketsOffered":
        for (const offer of (fact.data as { offers: (Seated & { entryId: string })[] }).offers) {
          this.#own(offer.entryId, offer, fact);
        }
        return;
      case "ReservationQuantityChanged": {
        const { reservationId } = fact.data as { reservationId: string };
        this.#free(reservationId);
        this.#own(reservationId, fact.data as Seated, fact);
        return;
      }
      case "ReservationReleased":
        this.#free((fact.data as { reservationId: string }).reservationId);
        return;
      case "ReservationsExpired":
      case "ReservationsWithdrawn":
        for (const { reservationId } of (fact.data as { reservations: { reservationId: string }[] }).reservations) {
          this.#free(reservationId);
        }
        return;
      case "TicketsReturned": {
        const { reservationId, ordinals } = fact.data as { reservationId: string; ordinals: number[] };
        const seats = this.#seatsOf.get(reservationId) ?? [];
        for (const ordinal of ordinals) this.#freeOne(reservationId, seats[ordinal] ?? "");
      }
    }
  }

  #open(map: SeatMap | undefined): void {
    if (map === undefined) return;
    this.#seats = new Set();
    for (const section of map.sections) {
      for (const row of section.rows) {
        for (const seat of listed(row.seats)) this.#seats.add(`${section.name}-${row.name}-${seat}`);
        for (const seat of listed(row.blocked ?? "")) this.#blocked.add(`${section.name}-${row.name}-${seat}`);
      }
    }
  }

  #own(reservationId: string, { seats = [], quantity }: Seated, fact: Fact): void {
    if (seats.length !== quantity)
      this.#twice(`${reservationId} has ${quantity} tickets for ${seats.length} seats`, fact);
    for (const seat of seats) {
      const owner = this.#owners.get(seat);
      if (owner !== undefined) this.#twice(`${seat} has two owners: ${owner} and ${reservationId}`, fact);
      if (this.#blocked.has(seat)) this.#twice(`${seat} was given to ${reservationId} though it is blocked`, fact);
      if (this.#seats?.has(seat) !== true) this.#twice(`${seat} is not on the map`, fact);
      this.#owners.set(seat, reservationId);
    }
    this.#seatsOf.set(reservationId, seats);
  }

  #free(reservationId: string): void {
    for (const seat of this.#seatsOf.get(reservationId) ?? []) this.#freeOne(reservationId, seat);
    this.#seatsOf.delete(reservationId);
  }

  #freeOne(reservationId: string, seat: string): void {
    if (this.#owners.get(seat) === reservationId) this.#owners.delete(seat);
  }

  #twice(detail: string, fact: Fact): void {
    this.#report("seat-twice", detail, fact);
  }
}

/** `1-3,A` is 1, 2, 3 and A. */
function listed(seats: string): readonly string[] {
  if (seats === "") return [];
  return seats.split(",").flatMap((part) => {
    const [first, last] = part.split("-");
    if (last === undefined) return [part];
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, n) => String(Number(first) + n));
  });
}

import type { InventoryEvent } from "../../src/domain/inventory-events.ts";

export interface Counts {
  readonly total: number;
  readonly held: number;
  readonly booked: number;
  readonly available: number;
}

/** An event and the time of its decision. */
export interface Dated {
  readonly event: InventoryEvent;
  readonly atMs: number;
}

/**
 * Proves an inventory from its log alone, as an auditor would who has never seen the code that wrote it: at every
 * revision nothing is oversold, no tickets are held twice, and each reservation ends once, in time and in full.
 * @returns the counts at each revision
 * @throws Error naming the first violation
 */
export function audit(log: readonly Dated[]): readonly Counts[] {
  const open = new Map<string, { quantity: number; endsAtMs: number; extended: boolean }>();
  let total = 0;
  const end = (id: string, quantity: number): number => {
    const reservation = open.get(id);
    if (reservation === undefined) throw new Error(`${id} ended without being held`);
    if (reservation.quantity !== quantity) throw new Error(`${id} held ${reservation.quantity}, gave back ${quantity}`);
    open.delete(id);
    return reservation.endsAtMs;
  };

  return log.map(({ event, atMs }, revision) => {
    switch (event.type) {
      case "InventoryOpened":
        if (revision !== 0) throw new Error("opened twice");
        total = event.data.capacity;
        break;
      case "CapacityChanged":
        if (event.data.previousCapacity !== total) throw new Error("another capacity was there before");
        total = event.data.capacity;
        break;
      case "TicketsReserved": {
        const { reservationId, quantity, expiresAt } = event.data;
        if (open.has(reservationId)) throw new Error(`${reservationId} reserved twice`);
        if (Date.parse(expiresAt) <= atMs) throw new Error(`${reservationId} was over before it began`);
        open.set(reservationId, { quantity, endsAtMs: Date.parse(expiresAt), extended: false });
        break;
      }
      case "ReservationExtended": {
        const { reservationId, previousExpiresAt, expiresAt } = event.data;
        const before = open.get(reservationId);
        if (before === undefined || before.endsAtMs <= atMs) throw new Error(`${reservationId} extended when over`);
        if (before.extended) throw new Error(`${reservationId} extended twice`);
        if (before.endsAtMs !== Date.parse(previousExpiresAt)) throw new Error(`${reservationId} ended otherwise`);
        open.set(reservationId, { ...before, endsAtMs: Date.parse(expiresAt), extended: true });
        break;
      }
      case "ReservationReleased":
        if (end(event.data.reservationId, event.data.quantity) <= atMs) throw new Error("released when over");
        break;
      case "ReservationsExpired":
        if (event.data.reservations.length > 500) throw new Error("more than 500 in one event");
        for (const { reservationId, quantity } of event.data.reservations) {
          if (end(reservationId, quantity) > atMs) throw new Error(`${reservationId} expired before its time`);
        }
        break;
      case "InventoryPublished":
      case "EventTermsChanged":
        break;
    }
    const held = [...open.values()].reduce((sum, { quantity }) => sum + quantity, 0);
    if (held > total) throw new Error(`oversold at revision ${revision}: ${held} of ${total}`);
    return { total, held, booked: 0, available: total - held };
  });
}

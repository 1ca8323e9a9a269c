import type { StoredEvent } from "../../../src/eventstore/port.ts";

/**
 * What the views for analysts have to say, added up from the recorded texts alone. It knows nothing of the product's code:
 * what an event means is read off its name and its fields here once more.
 */
export interface Figures {
  /** By ticket type: reservations and tickets by what became of them. */
  readonly funnel: Record<string, Record<string, number>>;
  /** By ticket type and currency, in minor units. */
  readonly revenue: Record<string, Record<string, number>>;
  /** By ticket type. */
  readonly occupancy: Record<string, { total: number; held: number; booked: number }>;
  /** By ticket type: when for the first time none was left, and none unbooked. */
  readonly soldOut: Record<string, { all: string | null; booked: string | null }>;
  /** By ticket type: tickets wanted by what became of the wish. */
  readonly demand: Record<string, Record<string, number>>;
  /** Tickets and money by ticket type and start of an hour in UTC. */
  readonly pace: Record<string, { tickets: number; gross: number }>;
}

// biome-ignore lint/suspicious/noExplicitAny: recorded texts, whatever they are
type Any = any;

interface Line {
  readonly key: string;
  readonly organizer: string;
  readonly each: readonly number[];
  readonly reservationId: string;
  readonly event: Any;
}

interface Purchase {
  readonly lines: readonly Line[];
  free: boolean;
  status: string;
  readonly refunds: Map<string, readonly [Line, number][]>;
}

export function figuresOf(events: readonly StoredEvent[]): Figures {
  const figures: Figures = { funnel: {}, revenue: {}, occupancy: {}, soldOut: {}, demand: {}, pace: {} };
  const purchases = new Map<string, Purchase>();
  const entries = new Map<string, { key: string; quantity: number; became: string }>();
  const add = (table: Record<string, Record<string, number>>, key: string, name: string, amount: number) => {
    const row = rowOf(table, key, {});
    row[name] = (row[name] ?? 0) + amount;
  };
  for (const stored of events) {
    const data: Any = JSON.parse(stored.data);
    const { at, actor }: Any = JSON.parse(stored.metadata);
    if (stored.stream.startsWith("inventory-"))
      ofInventory(stored.type, stored.stream.slice("inventory-".length), data, at);
    if (stored.stream.startsWith("booking-")) ofBooking(stored.type, stored.stream, data, at, actor);
  }
  for (const { key, quantity, became } of entries.values()) add(figures.demand, key, became, quantity);
  return figures;

  function ofInventory(type: string, key: string, data: Any, at: string): void {
    const stock = rowOf(figures.occupancy, key, { total: 0, held: 0, booked: 0 });
    const count = (what: string, several: readonly Any[]) => {
      add(figures.funnel, key, `reservations ${what}`, several.length);
      for (const one of several) add(figures.funnel, key, `tickets ${what}`, one.quantity);
    };
    const quantities = (several: readonly Any[]) => several.reduce((sum, one) => sum + one.quantity, 0);
    const became = (id: string, what: string) => {
      const entry = entries.get(id);
      if (entry !== undefined) entry.became = what;
    };
    const offerEnds = (id: string, what: string) => {
      if (entries.get(id)?.became === "OFFERED") became(id, what);
    };
    if (type === "InventoryOpened") stock.total = data.capacity;
    if (type === "CapacityChanged") stock.total += data.capacity - data.previousCapacity;
    if (type === "TicketsReserved") count("made", [data]);
    // An offer that has lapsed may be held again for the booking that it was paid by too late.
    if (type === "TicketsReserved" && entries.get(data.reservationId)?.became === "LAPSED")
      became(data.reservationId, "OFFERED");
    if (type === "TicketsOffered") count("made", data.offers);
    if (type === "TicketsReserved") stock.held += data.quantity;
    if (type === "TicketsOffered") {
      stock.held += quantities(data.offers);
      for (const { entryId } of data.offers) became(entryId, "OFFERED");
    }
    if (type === "ReservationQuantityChanged") {
      stock.held += data.quantity - data.previousQuantity;
      add(figures.funnel, key, "tickets made", data.quantity - data.previousQuantity);
    }
    if (type === "ReservationConfirmed") {
      count("bought", [data]);
      stock.held -= data.quantity;
      stock.booked += data.quantity;
      offerEnds(data.reservationId, "TAKEN");
    }
    const ending: Record<string, string> = {
      ReservationReleased: "released",
      ReservationsExpired: "expired",
      ReservationsWithdrawn: "withdrawn",
    };
    const what = ending[type];
    if (what !== undefined) {
      const ended = data.reservations ?? [data];
      count(what, ended);
      stock.held -= quantities(ended);
      for (const { reservationId } of ended) offerEnds(reservationId, "LAPSED");
    }
    if (type === "TicketsReturned") stock.booked -= data.ordinals.length;
    if (type === "WaitlistJoined") entries.set(data.entryId, { key, quantity: data.quantity, became: "WAITING" });
    if (type === "WaitlistLeft") became(data.entryId, "LEFT");
    if (type === "WaitlistEnded") for (const { entryId } of data.entries) became(entryId, "ENDED");
    const out = rowOf(figures.soldOut, key, { all: null, booked: null });
    if (stock.total > 0 && stock.held + stock.booked >= stock.total) out.all ??= at;
    if (stock.total > 0 && stock.booked >= stock.total) out.booked ??= at;
  }

  function ofBooking(type: string, stream: string, data: Any, at: string, actor: Any): void {
    if (type === "BookingOpened") {
      const lines: Line[] = data.lines.map((line: Any) => {
        const event = data.events.find((one: Any) => one.eventId === line.eventId);
        return {
          key: `${line.eventId}.${line.ticketTypeId}`,
          organizer: event?.organizerId,
          each: line.prices ?? Array.from({ length: line.quantity }, () => line.unitPrice.amount),
          reservationId: line.reservationId,
          event,
        };
      });
      purchases.set(stream, { lines, free: true, status: "open", refunds: new Map() });
      return;
    }
    const purchase = purchases.get(stream);
    if (purchase === undefined) return;
    const { lines, refunds } = purchase;
    const money = (line: Line, what: string, amount: number) => add(figures.revenue, `${line.key} EUR`, what, amount);
    const paced = (line: Line, tickets: number, gross: number) => {
      const hour = rowOf(figures.pace, `${line.key} ${at.slice(0, 13)}`, { tickets: 0, gross: 0 });
      hour.tickets += tickets;
      hour.gross += gross;
    };
    const sold = () => {
      purchase.status = "sold";
      for (const line of lines) {
        money(line, "tickets", line.each.length);
        paced(line, line.each.length, 0);
      }
    };
    if (type === "PaymentRequested") purchase.free = false;
    if (type === "BookingConfirmed" && purchase.free) sold();
    if (type === "PaymentCaptured") {
      for (const line of lines) {
        money(line, "gross", sum(line.each));
        paced(line, 0, sum(line.each));
      }
      if (purchase.status === "open") sold();
    }
    if (type === "PaymentDeclined") {
      purchase.status = "declined";
      for (const line of lines) {
        add(figures.funnel, line.key, "reservations declined", 1);
        add(figures.funnel, line.key, "tickets declined", line.each.length);
      }
    }
    if (type === "BookingTimedOut") purchase.status = "timed out";
    if (type === "BookingWithdrawn") purchase.status = "withdrawn";
    if (type === "BookingRevived") purchase.status = "open";
    const refund = (refundId: string, amount: number, weights: readonly (readonly number[])[]) => {
      const shares = shared(amount, [...weights, lines.map((line) => sum(line.each)), lines.map(() => 1)]);
      refunds.set(
        refundId,
        lines.map((line, index) => [line, shares[index] ?? 0]),
      );
      for (const [index, line] of lines.entries()) money(line, "asked", shares[index] ?? 0);
    };
    if (type === "TicketsCancelled") {
      const prices = (line: Line) =>
        data.tickets
          .filter((one: Any) => one.reservationId === line.reservationId)
          .flatMap((one: Any) => one.ordinals.map((ordinal: number) => line.each[ordinal]));
      for (const line of lines) money(line, "cancelled", prices(line).length);
      if (data.refund !== null) {
        const { refundId, amount } = data.refund;
        refund(refundId, amount.amount, [
          lines.map((line) => sum(prices(line)) * percentAt(line.event, at)),
          lines.map((line) => sum(prices(line))), // called off: the terms don't count
        ]);
      }
    }
    if (type === "RefundRequested") {
      const isOf = (line: Line) => actor.role !== "organizer" || actor.account === line.organizer;
      refund(data.refundId, data.amount.amount, [lines.map((line) => (isOf(line) ? sum(line.each) : 0))]);
    }
    if (type === "RefundSucceeded") {
      for (const [line, share] of refunds.get(data.refundId) ?? []) money(line, "refunded", share);
    }
  }
}

/** What a table has under a key, which begins as said. */
function rowOf<Row>(table: Record<string, Row>, key: string, begins: Row): Row {
  const row = table[key] ?? begins;
  table[key] = row;
  return row;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function percentAt(event: Any, at: string): number {
  if (event.refundPolicy === null) return event.startsAt === null || at < event.startsAt ? 100 : 0;
  return event.refundPolicy.find(({ until }: Any) => at < until)?.percent ?? 0;
}

/**
 * So much for each, in whole minor units that add up: each boundary between two is rounded once.
 * @param weights the first that are not all nothing count
 */
function shared(amount: number, weights: readonly (readonly number[])[]): readonly number[] {
  const parts = weights.find((some) => sum(some) > 0) ?? [];
  const whole = BigInt(sum(parts));
  let upTo = 0n;
  let given = 0n;
  return parts.map((part) => {
    upTo += BigInt(part);
    const boundary = (2n * BigInt(amount) * upTo + whole) / (2n * whole);
    const share = boundary - given;
    given = boundary;
    return Number(share);
  });
}

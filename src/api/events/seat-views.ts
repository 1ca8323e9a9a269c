import { z } from "zod";
import type { Money } from "../../domain/money.ts";
import { ACCESSIBLE, COMPANION, type PlanRow, type SeatingPlan } from "../../domain/seating/seating-plan.ts";
import type { RecordedSeats } from "../../projections/seats/queries.ts";
import { money } from "../conventions/fields.ts";

/** By what a seat table has (`seating/seat-table.ts`): FREE, HELD, SOLD, BLOCKED. */
const STATUSES = ["AVAILABLE", "HELD", "SOLD", "BLOCKED"] as const;
export type SeatStatusView = (typeof STATUSES)[number];

export const seatStatus = z.enum(STATUSES).meta({
  description: "HELD also while a purchase is open, and when its time is over until that is on record",
});

const seatKind = z.enum(["ACCESSIBLE", "COMPANION"]).meta({
  description: "Kept for those who ask for accessible seats, and those who come with them; absent: for everybody",
});

/** By what a plan has (`seating/seating-plan.ts`), as it stands in a seat's JSON. */
const KINDS: Readonly<Record<number, string>> = {
  [ACCESSIBLE]: ',"kind":"ACCESSIBLE"',
  [COMPANION]: ',"kind":"COMPANION"',
};

/** A map with how each seat stands. */
export const seats = z
  .strictObject({
    revision: z.int().meta({ description: "Grows whenever something changes; what `.../seats/stream` goes on from" }),
    sections: z.array(
      z.strictObject({
        name: z.string(),
        price: money,
        rows: z.array(
          z.strictObject({
            name: z.string(),
            seats: z.array(z.strictObject({ seat: z.string(), status: seatStatus, kind: seatKind.optional() })),
          }),
        ),
      }),
    ),
  })
  .meta({ id: "Seats" });

export const statusView = (status: number): SeatStatusView => STATUSES[status] as SeatStatusView;

/** What a seat of the row costs. */
export const priceIn = ({ price: own }: Pick<PlanRow, "price">, price: Money): Money =>
  own === null ? price : { amount: own.amount, currency: price.currency };

interface RowTexts {
  statuses: Uint8Array;
  readonly texts: (string | null)[];
}

/**
 * The JSON of {@link seats}, made once for each value. Of one map rows are kept as text, and only those whose seats stand
 * otherwise than in the value before are written anew: of 50,000 seats it takes a millisecond then and not twenty.
 */
export function seatTexts(): (seats: RecordedSeats) => string {
  const texts = new WeakMap<RecordedSeats, string>();
  const rowsOf = new WeakMap<SeatingPlan, RowTexts>();
  return (recorded) => {
    const known = texts.get(recorded);
    if (known !== undefined) return known;
    const { plan, statuses } = recorded;
    const rows = rowsOf.get(plan) ?? { statuses, texts: plan.rows.map(() => null) };
    rowsOf.set(plan, rows);
    for (const [index, row] of plan.rows.entries()) {
      const isSame = rows.texts[index] !== null && isAlike(row, rows.statuses, statuses);
      if (!isSame) rows.texts[index] = rowText(row, recorded);
    }
    rows.statuses = statuses;
    const text = joined(recorded, rows.texts as readonly string[]);
    texts.set(recorded, text);
    return text;
  };
}

function isAlike({ start, end }: PlanRow, before: Uint8Array, after: Uint8Array): boolean {
  for (let seat = start; seat < end; seat += 1) if (before[seat] !== after[seat]) return false;
  return true;
}

/** Names are letters and digits, so that nothing has to be escaped. */
function rowText({ name, start, end }: PlanRow, { plan, statuses }: RecordedSeats): string {
  const parts: string[] = [];
  for (let seat = start; seat < end; seat += 1) {
    const kind = KINDS[plan.kinds[seat] as number] ?? "";
    parts.push(`{"seat":"${plan.idOf(seat)}","status":"${statusView(statuses[seat] as number)}"${kind}}`);
  }
  return `{"name":"${name}","seats":[${parts.join()}]}`;
}

function joined({ plan, revision, price }: RecordedSeats, rows: readonly string[]): string {
  let index = 0;
  const sections = plan.map.sections.map(({ name, price: own = null, rows: { length } }) => {
    const ofSection = rows.slice(index, index + length).join();
    index += length;
    return `{"name":"${name}","price":${JSON.stringify(priceIn({ price: own }, price))},"rows":[${ofSection}]}`;
  });
  return `{"revision":${revision},"sections":[${sections.join()}]}`;
}

import type { Money } from "../../domain/money.ts";
import type { SeatMap } from "../../domain/seating/seat-map.ts";
import { BLOCKED, FREE, HELD, type SeatStatus, SOLD } from "../../domain/seating/seat-table.ts";
import { planOf, type SeatingPlan } from "../../domain/seating/seating-plan.ts";
import { type Answer, checkpointOf, positionOf } from "../consistent-read.ts";
import type { ReadSide } from "../database.ts";
import { isUuid } from "../uuid.ts";
import { SOLD as RECORDED_SOLD } from "./table.ts";

/** How the seats of a ticket type stand, of one snapshot. */
export interface RecordedSeats {
  readonly plan: SeatingPlan;
  /** Grows with every event of the inventory. */
  readonly revision: number;
  /** Of seats whose section has none of its own. */
  readonly price: Money;
  /** A {@link SeatStatus} a seat, in the order of the plan. */
  readonly statuses: Uint8Array;
  /**
   * The revision of the event's availability (`RecordedEvent.revision`) that has all this; null: the seats are not as far
   * as that, because they are still being projected from the beginning.
   */
  readonly eventRevision: number | null;
}

export interface SeatQueries {
  /**
   * The seats of a ticket type as they stand in the tables now; null when it has no map.
   * @param known its plan, which is then not fetched: it never changes
   */
  recorded(eventId: string, ticketTypeId: string, known: SeatingPlan | null): Promise<Answer<RecordedSeats | null>>;
}

interface Row {
  readonly checkpoint: string | null;
  readonly counted: string | null;
  readonly event_revision: string;
  readonly revision: number | null;
  readonly price: string;
  readonly currency: string;
  readonly map: string | null;
  readonly taken: string | null;
  readonly blocks: string | null;
}

/** Ids of seats are letters, digits and hyphens, so that other signs are free to part them by. */
const RECORDED = {
  name: "seats_recorded",
  text: `
    select ${checkpointOf(["seats"])} as checkpoint, ${checkpointOf(["availability"])} as counted,
      (select coalesce(sum(a.changes), 0) from readmodels.availability a where a.event_id = $1) as event_revision,
      m.revision, m.price, m.currency, case when $3 then m.map end as map,
      (select string_agg(t.status || t.seats || ':' || array_to_string(t.returned, ','), ';')
       from readmodels.seats_taken t where t.event_id = $1 and t.ticket_type_id = $2) as taken,
      (select string_agg(case when b.is_blocked then '+' else '-' end || b.seat, ';')
       from readmodels.seats_blocked b where b.event_id = $1 and b.ticket_type_id = $2) as blocks
    from (select) as always
    left join readmodels.seat_maps m on m.event_id = $1 and m.ticket_type_id = $2`,
};

export const seatQueries = ({ pool }: Pick<ReadSide, "pool">): SeatQueries => ({
  async recorded(eventId, ticketTypeId, known) {
    if (!isUuid(eventId) || !isUuid(ticketTypeId)) return { checkpoint: null, value: null };
    const { rows } = await pool.query<Row>({ ...RECORDED, values: [eventId, ticketTypeId, known === null] });
    const row = rows[0] as Row;
    return { checkpoint: positionOf(row.checkpoint), value: row.revision === null ? null : seatsOf(row, known) };
  },
});

function seatsOf(row: Row, known: SeatingPlan | null): RecordedSeats {
  const plan = known ?? planOf(JSON.parse(row.map as string) as SeatMap);
  const statuses = new Uint8Array(plan.size).fill(FREE);
  const mark = (id: string, status: SeatStatus): void => {
    const seat = plan.seatOf(id);
    if (seat !== undefined) statuses[seat] = status;
  };
  for (const seat of plan.blocked) statuses[seat] = BLOCKED;
  for (const block of parts(row.blocks, ";")) mark(block.slice(1), block.startsWith("+") ? BLOCKED : FREE);
  for (const reservation of parts(row.taken, ";")) {
    const [seats = "", returned = ""] = reservation.slice(1).split(":");
    const status = reservation.startsWith(RECORDED_SOLD) ? SOLD : HELD;
    if (returned === "") for (const id of seats.split(",")) mark(id, status);
    else {
      const back = new Set(returned.split(",").map(Number));
      for (const [ordinal, id] of seats.split(",").entries()) if (!back.has(ordinal)) mark(id, status);
    }
  }
  const [checkpoint, counted] = [positionOf(row.checkpoint), positionOf(row.counted)];
  const hasAll = checkpoint !== null && counted !== null && checkpoint >= counted;
  return {
    plan,
    revision: row.revision as number,
    price: { amount: Number(row.price), currency: row.currency },
    statuses,
    eventRevision: hasAll ? Number(row.event_revision) : null,
  };
}

const parts = (text: string | null, by: string): readonly string[] => (text === null ? [] : text.split(by));

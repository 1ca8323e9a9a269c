import type { DatabaseSync } from "node:sqlite";
import type { ChargeStatus } from "../port.ts";
import type { KeptCharge, Order } from "./charge.ts";

const TABLE = `
  create table if not exists charges (
    seq integer primary key,
    attempt_id text not null unique,
    charge_id text not null,
    booking_id text, -- null with all of the order: stopped before it was asked for
    amount_minor integer,
    currency text,
    method text,
    deadline text,
    status text not null,
    refunded_minor integer not null,
    client_secret text,
    decline_reason text,
    created_ms integer not null,
    due_ms integer
  ) strict;
  create index if not exists charges_due on charges (due_ms) where due_ms is not null;
  create index if not exists charges_created on charges (created_ms, seq);
`;

type Row = Readonly<Record<string, string | number | null>>;

/** A place in the list of charges; the next page begins after it. */
export interface ChargePlace {
  readonly createdMs: number;
  readonly seq: number;
}

/** The charges in the provider's database. Writes belong into a transaction. */
export interface Charges {
  find(attemptId: string): KeptCharge | null;
  add(charge: KeptCharge): void;
  change(charge: KeptCharge): void;
  /** Those whose time has come, earliest first. */
  due(nowMs: number, limit: number): KeptCharge[];
  earliestDueMs(): number | null;
  /** Charges that were asked for after a place, oldest first. */
  after(place: ChargePlace, limit: number): { readonly charge: KeptCharge; readonly place: ChargePlace }[];
}

export function chargesIn(database: DatabaseSync): Charges {
  database.exec(TABLE);
  const find = database.prepare("select * from charges where attempt_id = ?");
  const add = database.prepare(`
    insert into charges (attempt_id, charge_id, booking_id, amount_minor, currency, method, deadline, status,
      refunded_minor, client_secret, decline_reason, created_ms, due_ms)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `);
  const change = database.prepare(`
    update charges set booking_id = ?, amount_minor = ?, currency = ?, method = ?, deadline = ?, status = ?,
      refunded_minor = ?, decline_reason = ?, due_ms = ?
    where attempt_id = ?
  `);
  const due = database.prepare("select * from charges where due_ms <= ? order by due_ms limit ?");
  const earliest = database.prepare("select min(due_ms) as due_ms from charges where due_ms is not null");
  const after = database.prepare(`
    select * from charges where (created_ms, seq) > (?, ?) and booking_id is not null order by created_ms, seq limit ?
  `);

  return {
    find(attemptId) {
      const row = find.get(attemptId);
      return row === undefined ? null : chargeOf(row as Row);
    },
    add(charge) {
      add.run(
        charge.attemptId,
        charge.chargeId,
        ...columnsOf(charge.order),
        charge.status,
        charge.refundedMinor,
        charge.clientSecret,
        charge.declineReason,
        charge.createdMs,
        charge.dueMs,
      );
    },
    change(charge) {
      const { status, refundedMinor, declineReason, dueMs, attemptId } = charge;
      change.run(...columnsOf(charge.order), status, refundedMinor, declineReason, dueMs, attemptId);
    },
    due: (nowMs, limit) => due.all(nowMs, limit).map((row) => chargeOf(row as Row)),
    earliestDueMs: () => (earliest.get() as { due_ms: number | null }).due_ms,
    after: ({ createdMs, seq }, limit) =>
      after.all(createdMs, seq, limit).map((row) => ({
        charge: chargeOf(row as Row),
        place: { createdMs: row.created_ms as number, seq: row.seq as number },
      })),
  };
}

const columnsOf = (order: Order | null) =>
  order === null
    ? [null, null, null, null, null]
    : [order.bookingId, order.amount.amount, order.amount.currency, order.method, order.deadline];

const chargeOf = (row: Row): KeptCharge => ({
  attemptId: row.attempt_id as string,
  chargeId: row.charge_id as string,
  order:
    row.booking_id === null
      ? null
      : {
          bookingId: row.booking_id as string,
          amount: { amount: row.amount_minor as number, currency: row.currency as string },
          method: row.method as string,
          deadline: row.deadline as string,
        },
  status: row.status as ChargeStatus,
  refundedMinor: row.refunded_minor as number,
  clientSecret: row.client_secret as string | null,
  declineReason: row.decline_reason as string | null,
  createdMs: row.created_ms as number,
  dueMs: row.due_ms as number | null,
});

import type { DatabaseSync } from "node:sqlite";
import type { Money } from "../../domain/money.ts";

const TABLE = `
  create table if not exists refunds (
    seq integer primary key,
    refund_id text not null unique,
    provider_refund_id text not null,
    attempt_id text not null,
    amount_minor integer not null,
    currency text not null,
    created_ms integer not null
  ) strict;
`;

/** A refund as the provider keeps it: here they all succeed at once. */
export interface KeptRefund {
  readonly refundId: string;
  readonly providerRefundId: string;
  readonly attemptId: string;
  readonly amount: Money;
  readonly createdMs: number;
}

/** The refunds in the provider's database. Writes belong into a transaction. */
export interface Refunds {
  find(refundId: string): KeptRefund | null;
  add(refund: KeptRefund): void;
  /** Refunds after a number, oldest first. */
  after(seq: number, limit: number): { readonly refund: KeptRefund; readonly seq: number }[];
}

export function refundsIn(database: DatabaseSync): Refunds {
  database.exec(TABLE);
  const find = database.prepare("select * from refunds where refund_id = ?");
  const add = database.prepare(`
    insert into refunds (refund_id, provider_refund_id, attempt_id, amount_minor, currency, created_ms)
    values (?, ?, ?, ?, ?, ?)
  `);
  const after = database.prepare("select * from refunds where seq > ? order by seq limit ?");

  return {
    find(refundId) {
      const row = find.get(refundId);
      return row === undefined ? null : refundOf(row as Row);
    },
    add({ refundId, providerRefundId, attemptId, amount, createdMs }) {
      add.run(refundId, providerRefundId, attemptId, amount.amount, amount.currency, createdMs);
    },
    after: (seq, limit) =>
      after.all(seq, limit).map((row) => ({ refund: refundOf(row as Row), seq: row.seq as number })),
  };
}

type Row = Readonly<Record<string, string | number | null>>;

const refundOf = (row: Row): KeptRefund => ({
  refundId: row.refund_id as string,
  providerRefundId: row.provider_refund_id as string,
  attemptId: row.attempt_id as string,
  amount: { amount: row.amount_minor as number, currency: row.currency as string },
  createdMs: row.created_ms as number,
});

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A charge as the provider has it on its own disk. */
export interface ProviderCharge {
  readonly attemptId: string;
  /** null: it was stopped before it was ever asked for. */
  readonly bookingId: string | null;
  /** Minor units. */
  readonly amount: number;
  readonly method: string;
  readonly status: string;
  readonly refunded: number;
}

export interface ProviderRefund {
  readonly refundId: string;
  readonly attemptId: string;
  readonly amount: number;
}

/** Where the money is, as the provider says. */
export interface ProviderRecord {
  readonly charges: readonly ProviderCharge[];
  readonly refunds: readonly ProviderRefund[];
}

/**
 * Reads the sandbox provider's database itself, past all of its code, once its process has ended.
 * @param dataDir of the installation
 */
export function readProviderRecord(dataDir: string): ProviderRecord {
  const database = new DatabaseSync(join(dataDir, "sandbox", "charges.sqlite"), { readOnly: true });
  try {
    const charges = database.prepare(
      `select attempt_id as "attemptId", booking_id as "bookingId", coalesce(amount_minor, 0) as amount,
         coalesce(method, '') as method, status, refunded_minor as refunded from charges order by seq`,
    );
    const refunds = database.prepare(
      `select refund_id as "refundId", attempt_id as "attemptId", amount_minor as amount from refunds order by seq`,
    );
    return {
      charges: charges.all() as unknown as ProviderCharge[],
      refunds: refunds.all() as unknown as ProviderRefund[],
    };
  } finally {
    database.close();
  }
}

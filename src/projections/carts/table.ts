import { tableName } from "../projection.ts";

export const VIEW = "carts";

/** As recorded: that an ACTIVE cart's time is over is found when it is read. CLEARED is as good as none. */
export type RecordedCartStatus = "ACTIVE" | "CHECKOUT" | "COMPLETED" | "EXPIRED" | "CLEARED";

/** A row of `readmodels.carts`: the cart that an account has, or the last that it had. Its lines are reservations. */
export interface CartRow {
  readonly account_id: string;
  readonly cart_id: string;
  readonly expires_at: Date;
  readonly currency: string;
  readonly status: RecordedCartStatus;
}

export const createTables = (generation: number): string => `
  create table ${tableName(VIEW, generation)} (
    account_id uuid primary key,
    cart_id uuid not null,
    expires_at timestamptz not null,
    currency text not null,
    status text not null
  ) with (fillfactor = 50);`;

import { randomUUID } from "node:crypto";
import type { ClientBase, Pool } from "pg";
import type { Violation } from "../../verifier/books/fact.ts";

/** One verification at a time is asked for or under way. */
export const CREATE_VERIFICATIONS = `
  create schema if not exists audit;
  create table if not exists audit.verifications (
    verification_id uuid primary key,
    status text not null,
    requested_by text not null,
    requested_at timestamptz not null,
    attempts integer not null default 0,
    finished_at timestamptz,
    result json
  );
  create unique index if not exists verifications_running on audit.verifications (status) where status = 'RUNNING';`;

/** What came of one that could be completed. */
export interface VerificationResult {
  readonly eventsChecked: number;
  readonly found: number;
  readonly violations: readonly Violation[];
  readonly unsettled: number;
  readonly head: { readonly count: number; readonly position: string; readonly hash: string };
}

export interface Verification {
  readonly verificationId: string;
  /** `FAILED`: it could not be completed, which says nothing of the log. */
  readonly status: "RUNNING" | "COMPLETED" | "FAILED";
  readonly requestedAt: string;
  readonly finishedAt: string | null;
  /** null unless it is completed. */
  readonly result: VerificationResult | null;
}

/** What is asked of verifications. */
export interface Verifications {
  /** Has one made, unless one is under way: then that one is it. @returns its id */
  ask(accountId: string, nowMs: number): Promise<string>;
  find(verificationId: string): Promise<Verification | null>;
}

interface Row {
  readonly verification_id: string;
  readonly status: Verification["status"];
  readonly requested_at: Date;
  readonly finished_at: Date | null;
  readonly result: VerificationResult | null;
}

const ATTEMPTS = 10;

export function verificationsIn(pool: Pick<Pool, "query">): Verifications {
  return {
    async ask(accountId, nowMs) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const { rows } = await pool.query<{ id: string }>(
          `with asked as (
             insert into audit.verifications (verification_id, status, requested_by, requested_at)
             values ($1, 'RUNNING', $2, $3) on conflict do nothing returning verification_id)
           select verification_id as id from asked
           union all select verification_id from audit.verifications where status = 'RUNNING' limit 1`,
          [randomUUID(), accountId, new Date(nowMs)],
        );
        if (rows[0] !== undefined) return rows[0].id; // else one ended in between, or another was just asked for
      }
      throw new Error("verifications begin and end faster than they can be asked for");
    },

    async find(verificationId) {
      const { rows } = await pool.query<Row>(
        "select verification_id, status, requested_at, finished_at, result from audit.verifications where verification_id = $1",
        [verificationId],
      );
      const [row] = rows;
      if (row === undefined) return null;
      const { status, result } = row;
      const [requestedAt, finishedAt] = [row.requested_at.toISOString(), row.finished_at?.toISOString() ?? null];
      return { verificationId: row.verification_id, status, requestedAt, finishedAt, result };
    },
  };
}

/** The one that is asked for or was left by a process that is gone, and how often it was begun; null: there is none. */
export async function runningOne(pool: Pick<Pool, "query">): Promise<{ id: string; attempts: number } | null> {
  const { rows } = await pool.query<{ id: string; attempts: number }>({
    name: "audit_running_verification",
    text: "select verification_id as id, attempts from audit.verifications where status = 'RUNNING'",
  });
  return rows[0] ?? null;
}

export const noteAttempt = (client: Pick<ClientBase, "query">, id: string) =>
  client.query("update audit.verifications set attempts = attempts + 1 where verification_id = $1", [id]);

/** So many are kept, the newest. */
const KEPT = 1_000;

/** @param result null: it failed */
export async function finish(
  client: Pick<ClientBase, "query">,
  id: string,
  result: VerificationResult | null,
  nowMs: number,
): Promise<void> {
  await client.query(
    "update audit.verifications set status = $2, finished_at = $3, result = $4 where verification_id = $1",
    [id, result === null ? "FAILED" : "COMPLETED", new Date(nowMs), result === null ? null : JSON.stringify(result)],
  );
  await client.query(
    `delete from audit.verifications where verification_id in
       (select verification_id from audit.verifications where status <> 'RUNNING' order by requested_at desc offset $1)`,
    [KEPT],
  );
}

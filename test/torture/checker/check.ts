import { type Finding, verdict } from "../../system/buying/verdict.ts";
import { type History, nowMs } from "../history/history.ts";
import { openLog } from "../log.ts";
import type { Town } from "../town.ts";
import { holdAgainstTheLog } from "./against-the-log.ts";
import { Findings } from "./findings.ts";
import { readAll } from "./read-all.ts";
import { compareRebuilt } from "./rebuilt.ts";
import { TortureRecord } from "./record.ts";
import { comeToRest } from "./rest.ts";

export interface CheckOptions {
  readonly town: Town;
  /** Closed: all that was asked has its answer. */
  readonly history: History;
  readonly say?: (line: string) => void;
}

export interface CheckResult {
  /** What must not be and is, each with its first violations; none: all is well. */
  readonly findings: readonly Finding[];
  /** How much was looked at, by its name, so that a check that saw nothing is not taken for one that found nothing. */
  readonly counted: Readonly<Record<string, number>>;
}

/**
 * Holds what clients saw, the log, the provider's record and the read models against each other. Called once all was
 * healed; it waits for rest itself, and what does not come to rest is a finding.
 */
export async function check({ town, history, say = () => undefined }: CheckOptions): Promise<CheckResult> {
  const findings = new Findings();
  const record = new TortureRecord();
  const store = await openLog(town);
  try {
    const rest = await comeToRest({ town, store, record, say });
    findings.addAll("not at rest", rest.stuck);
    const { counted, told } = await holdAgainstTheLog({
      ...{ record, history, findings, readLog: (take) => readAll(store, take) },
      clockAheadMs: rest.clockAheadMs - rest.movedMs,
      restAtMs: nowMs() + rest.clockAheadMs,
    });
    say("clients are held against the log");
    const provider = await town.providerRecord();
    // Holds that are not due are nobody's fault, and what is due is looked at by time.
    for (const finding of verdict(provider, record, told)) {
      if (finding.what !== "tickets held for nobody") findings.addAll(finding.what, finding.violations);
    }
    const rebuilt = await compareRebuilt(store, town.databaseUrl);
    findings.addAll("read models that are not what the log says", rebuilt.differences);
    const money = { charges: provider.charges.length, refunds: provider.refunds.length };
    const log = { events: record.events, bookings: record.bookings.size, inventories: record.inventories.size };
    const seconds = { restSeconds: Math.round(rest.seconds) };
    return {
      findings: findings.all(),
      counted: { ...counted, ...log, ...money, rows: rebuilt.rows, ...seconds },
    };
  } finally {
    await store.close();
  }
}

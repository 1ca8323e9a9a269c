import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { type Evidence, type Verdict, verdictOn } from "./checker/verdict.ts";
import { beginCrowd, type Crowd } from "./crowd/crowd.ts";
import { closeRoom, logOf, standNow } from "./evidence.ts";
import type { RehearsalPlan } from "./plan.ts";
import type { Premises } from "./premises.ts";
import { stage } from "./show.ts";

/** How a rehearsal stands while it is under way. */
export interface Progress {
  /** From the opening; negative: before. */
  readonly seconds: number;
  readonly buyers: number;
  readonly entered: number;
  readonly admitted: number;
  readonly capacity: number;
  readonly held: number;
  readonly booked: number;
  readonly done: number;
  readonly p99Ms: number | null;
}

export interface RehearsalResult {
  readonly plan: RehearsalPlan;
  readonly premises: string;
  readonly startedAtMs: number;
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly crowd: Crowd;
  /** p99 of how late the buyers' own process was, in milliseconds: what their times may have of it. */
  readonly lateMs: number;
  readonly weight: Awaited<ReturnType<Premises["weigh"]>>;
}

/** Between setting the room up and the first buyer. */
const HEAD_START_MS = 2_000;
const TELL_MS = 1_000;

/** Holds a whole on-sale, and judges it. @param tell given how it stands, once a second */
export async function rehearse(
  plan: RehearsalPlan,
  premises: Premises,
  tell: (progress: Progress) => void,
): Promise<RehearsalResult> {
  const { client, doors } = premises;
  const people = await premises.people(plan.buyers);
  const opensAtMs = Date.now() + plan.arrivalMs + HEAD_START_MS;
  const show = await stage(client, plan, opensAtMs);
  const lateness = monitorEventLoopDelay({ resolution: 10 });
  lateness.enable();
  const stop = new AbortController();
  const crowd = beginCrowd(plan, show, people, doors, stop.signal);
  const over = crowd.over.then(() => true);
  const endMs = opensAtMs + plan.mostMs;
  while (!(await Promise.race([over, pause(TELL_MS, false)]))) {
    if (Date.now() > endMs) stop.abort(new Error("broken off"));
    const stand = await standNow(client, show).catch(() => ({ held: 0, booked: 0 }));
    tell(progressOf(plan, crowd, opensAtMs, stand));
  }
  lateness.disable();
  const overAtMs = Date.now();
  // As they stand before the log is read: after it was broken off, buyers are still told of what it does not have yet.
  const records = crowd.records.map((record) => ({ ...record }));
  const [log, stand] = [await logOf(client, show), await standNow(client, show)];
  tell(progressOf(plan, crowd, opensAtMs, stand));
  const evidence: Evidence = {
    terms: { opensAtMs, overAtMs, admitPerMinute: plan.admitPerMinute },
    log,
    records,
    seeds: await closeRoom(client, show),
    answers: crowd.latencies.answers,
  };
  return {
    plan,
    premises: premises.name,
    startedAtMs: opensAtMs - plan.arrivalMs,
    evidence,
    verdict: verdictOn(evidence),
    crowd,
    lateMs: lateness.percentile(99) / 1e6,
    weight: await premises.weigh(),
  };
}

function progressOf(
  { buyers, capacity }: RehearsalPlan,
  { records, latencies }: Crowd,
  opensAtMs: number,
  stand: { readonly held: number; readonly booked: number },
): Progress {
  const count = (isSo: (record: Crowd["records"][number]) => boolean) =>
    records.reduce((sum, record) => sum + (isSo(record) ? 1 : 0), 0);
  const nowMs = Date.now();
  return {
    seconds: (nowMs - opensAtMs) / 1_000,
    buyers,
    capacity,
    ...stand,
    entered: count(({ second }) => second !== null),
    admitted: count(({ calledAtMs }) => calledAtMs !== null),
    done: count(({ ending }) => ending !== null),
    p99Ms: latencies.within("place", Math.floor(nowMs / 1_000) - 3, 3)?.p99Ms ?? null,
  };
}

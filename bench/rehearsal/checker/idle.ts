import type { Books } from "./books.ts";
import type { Ranked } from "./ranks.ts";

/** How it stood at one moment. */
export interface Moment {
  readonly atMs: number;
  readonly waiting: number;
  /** Called so far, with those who never came to know of it. */
  readonly called: number;
  /** Free tickets that nobody who was called is going to ask for, as far as people wait for them. */
  readonly idle: number;
  /** The same, where the pace would have let somebody in. */
  readonly withheld: number;
  /** Of these: for which nobody was called in the time for which a ticket is kept, not even somebody who has gone away. */
  readonly uncalled: number;
}

export interface IdleTerms {
  readonly opensAtMs: number;
  readonly overAtMs: number;
  readonly admitPerMinute: number;
  /** For how long a ticket may be kept for somebody who was called. */
  readonly keptMs: number;
}

export const STEP_MS = 250;
/** A second is settled a second after its end, and told a quarter of a second later. */
const SETTLED_MS = 2_500;
/** Whether the pace is used is seen over so many steps at least, and over so many people. */
const PACE_STEPS = 12;
const PACE_PEOPLE = 5;
const PACE_USED = 0.8;

/**
 * Which tickets lay about while people waited. Unlike the room, it knows who of those that were called is going to come:
 * a ticket that waits for somebody who has gone away is idle. Reads times in steps of a quarter of a second.
 * @param people by rank
 */
export function momentsOf(people: readonly Ranked[], books: Books, terms: IdleTerms): readonly Moment[] {
  const { opensAtMs, overAtMs, admitPerMinute, keptMs } = terms;
  const steps = Math.max(1, Math.ceil((overAtMs - opensAtMs) / STEP_MS));
  const stepOf = (atMs: number) => Math.min(steps, Math.max(0, Math.ceil((atMs - opensAtMs) / STEP_MS)));
  const counts = () => new Float64Array(steps + 2);
  const [waiting, called, coming, lately] = [counts(), counts(), counts(), counts()];
  const during = (counts: Float64Array, fromMs: number, toMs: number, count: number) => {
    if (toMs <= fromMs) return;
    counts[stepOf(fromMs)] = (counts[stepOf(fromMs)] as number) + count;
    counts[stepOf(toMs)] = (counts[stepOf(toMs)] as number) - count;
  };
  for (const { record, calledAtMs } of withCalls(people)) {
    const goneAtMs = record.leftAtMs ?? overAtMs;
    const standsAtMs = Math.max(opensAtMs, record.enteredAtMs ?? goneAtMs) + SETTLED_MS;
    during(waiting, standsAtMs, Math.min(calledAtMs ?? goneAtMs, goneAtMs), 1);
    if (calledAtMs === null) continue;
    called[stepOf(calledAtMs)] = (called[stepOf(calledAtMs)] as number) + 1;
    during(lately, calledAtMs, Math.min(record.reservedAtMs ?? overAtMs, calledAtMs + keptMs), 1);
    if (record.calledAtMs !== null) during(coming, calledAtMs, record.reservedAtMs ?? goneAtMs, record.tickets);
  }
  const window = Math.max(PACE_STEPS, Math.ceil((PACE_PEOPLE * 60_000) / admitPerMinute / STEP_MS));
  const moments: Moment[] = [];
  const calls: number[] = [];
  let [waits, calledSoFar, comes, keeps, stand] = [0, 0, 0, 0, 0];
  for (let step = 0; step < steps; step += 1) {
    const atMs = opensAtMs + step * STEP_MS;
    while (stand < books.stands.length && (books.stands[stand]?.atMs ?? 0) <= atMs) stand += 1;
    const { held, booked } = books.stands[stand - 1] ?? { held: 0, booked: 0 };
    waits += waiting[step] as number;
    comes += coming[step] as number;
    keeps += lately[step] as number;
    calledSoFar += called[step] as number;
    calls.push(calledSoFar);
    const free = books.capacity - held - booked;
    const idle = Math.max(0, Math.min(waits, free - comes));
    const uncalled = Math.max(0, Math.min(waits, free - Math.max(comes, keeps)));
    moments.push({ atMs, waiting: waits, called: calledSoFar, idle, withheld: idle, uncalled });
  }
  const paced = (window * STEP_MS * admitPerMinute) / 60_000;
  return moments.map((moment, step) => {
    const callsNear = (first: number) =>
      (calls[Math.min(steps - 1, first + window)] as number) - (calls[Math.max(0, first)] as number);
    // Just before or just after: what came free this moment is called for in the next.
    const isPaced = Math.max(callsNear(step - window), callsNear(step)) >= PACE_USED * paced;
    return isPaced ? { ...moment, withheld: 0, uncalled: 0 } : moment;
  });
}

/** Free tickets for which nobody was called, for longer than that on end, at the worst time. */
export function uncalledFor(moments: readonly Moment[], longerThanMs: number): number {
  const length = Math.floor(longerThanMs / STEP_MS) + 1;
  let worst = 0;
  for (let last = length - 1; last < moments.length; last += 1) {
    let least = Number.POSITIVE_INFINITY;
    for (let step = last; step > last - length && least > worst; step -= 1) {
      least = Math.min(least, moments[step]?.uncalled ?? 0);
    }
    worst = Math.max(worst, least);
  }
  return worst;
}

/** Who left before he knew was called when the next one behind him who came to know was. */
function withCalls(people: readonly Ranked[]) {
  let nextCallMs: number | null = null;
  const all = people.toReversed().map(({ record }) => {
    if (record.calledAtMs !== null) nextCallMs = record.calledAtMs;
    return { record, calledAtMs: record.calledAtMs ?? nextCallMs };
  });
  return all.reverse();
}

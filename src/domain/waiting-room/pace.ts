/** How many people may be called, as time passes. Fractions count: they add up. */
export interface Pace {
  /** What may be called now. */
  readonly credit: number;
  /** Until when it is counted, in epoch milliseconds. */
  readonly atMs: number;
}

/** After a rest of the one who calls (a takeover), so much is made up for at most. */
const MADE_UP_MS = 5_000;

/**
 * The pace some time later. What nobody was there to use for does not pile up: more than a second's worth (one person
 * at least) is not kept, or a room that was empty would call a crowd at once.
 */
export function passed({ credit, atMs }: Pace, nowMs: number, admitPerMinute: number): Pace {
  const kept = Math.min(credit, Math.max(1, admitPerMinute / 60));
  const elapsedMs = Math.min(MADE_UP_MS, Math.max(0, nowMs - atMs));
  return { credit: kept + (admitPerMinute * elapsedMs) / 60_000, atMs: Math.max(atMs, nowMs) };
}

/** One of the classes that people wait in. */
export interface Waiting {
  /** Of all that are called, from 0 to 1. */
  readonly share: number;
  /** People who wait and may be called. */
  readonly people: number;
}

/**
 * Shares out who is called: each class gets its share of `calls`, as far as somebody waits in it; what it leaves goes to
 * the others by their shares. All are called that can be.
 * @returns people to call, class by class
 */
export function shareOut(calls: number, classes: readonly Waiting[]): readonly number[] {
  const called = classes.map(() => 0);
  let left = Math.min(calls, sum(classes.map(({ people }) => people)));
  let open = [...classes.keys()];
  // Each time round all are called, or a class has nobody left.
  for (let round = 0; round < classes.length; round += 1) {
    const shares = sum(open.map((index) => (classes[index] as Waiting).share));
    const portion = left;
    for (const index of open) {
      const { share, people } = classes[index] as Waiting;
      const part = shares > 0 ? (portion * share) / shares : portion / open.length;
      const more = Math.min(part, people - (called[index] as number));
      called[index] = (called[index] as number) + more;
      left -= more;
    }
    open = open.filter((index) => (classes[index] as Waiting).people - (called[index] as number) > TINY);
  }
  return called;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const TINY = 1e-9;

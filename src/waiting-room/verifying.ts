import { type Rank, rankOf } from "../domain/waiting-room/rank.ts";
import { commitmentTo, lotKeyOf, lotOf } from "./draw.ts";

/** What `GET /events/{eventId}/waiting-room` says of a draw; keep what it said before the opening to hold against it. */
export interface PublishedDraw {
  readonly commitment: string | null;
  readonly laterCommitment: string | null;
  readonly beacon: { readonly source: string; readonly value: string | null } | null;
  readonly seed?: string | undefined;
  readonly laterSeed?: string | undefined;
}

/** Somebody who stood in line: the second is what the entry answered; 0 is before the opening. */
export interface Stood {
  readonly accountId: string;
  readonly second: number;
}

/** `holds`: the seed is what was committed to; `open`: it is not told yet. */
export type Verdict = "holds" | "broken" | "open";

export interface VerifiedDraw {
  readonly draw: Verdict;
  readonly later: Verdict;
  /** In the order in which they are called; those whose rank nobody can know yet are at the end, with null. */
  readonly ranks: readonly (Stood & { readonly lot: number | null; readonly rank: Rank | null })[];
}

/**
 * Does a draw again from nothing but what was published, so that nobody has to believe it.
 * @param committed what `commitment` was before the opening, where somebody kept it
 */
export function verifyDraw(
  { commitment, laterCommitment, beacon, seed, laterSeed }: PublishedDraw,
  people: readonly Stood[],
  committed: string | null = null,
): VerifiedDraw {
  const isAsCommitted = committed === null || committed === commitment;
  const draw = isAsCommitted ? verdictOn(seed, commitment, beacon) : "broken";
  const later = verdictOn(laterSeed, laterCommitment, null);
  const mixedWith = beacon?.value ?? null;
  const isDrawn = seed !== undefined && (beacon === null || mixedWith !== null);
  const lotIn = ({ accountId, second }: Stood): number | null => {
    if (second === 0) return isDrawn ? lotOf(seed, accountId, mixedWith) : null;
    return laterSeed === undefined ? null : lotOf(lotKeyOf(laterSeed, second), accountId);
  };
  const ranks = people.map((one) => {
    const lot = lotIn(one);
    return { ...one, lot, rank: lot === null ? null : rankOf(one.second, lot) };
  });
  const last = Number.POSITIVE_INFINITY;
  return { draw, later, ranks: ranks.toSorted((a, b) => compared(a.rank ?? last, b.rank ?? last)) };
}

const compared = (a: Rank, b: Rank): number => (a === b ? 0 : a - b);

const verdictOn = (
  seed: string | undefined,
  commitment: string | null,
  beacon: { readonly source: string } | null,
): Verdict => {
  if (seed === undefined) return "open";
  return commitmentTo(seed, beacon) === commitment ? "holds" : "broken";
};

import { ADMISSION_MS, type Call, Calls } from "../domain/waiting-room/calls.ts";
import { Queue } from "../domain/waiting-room/queue.ts";
import { arrivalSecond, countedIn, type Rank, rankOf, secondOf } from "../domain/waiting-room/rank.ts";
import { isDrawn, type KnownRoom } from "../domain/waiting-room.ts";
import { remembering } from "../remembering.ts";
import { drawKeyOf, lotKeyOf, lotsBy } from "./draw.ts";
import type { SeenAccounts } from "./seen.ts";
import type { Comers } from "./shared-counts.ts";
import type { Entry } from "./tokens.ts";

/** What those who wait can still hope for. */
export type Tickets = "AVAILABLE" | "HELD" | "SOLD_OUT" | "OVER";

/** Where somebody stands. */
export type Standing =
  /** Nobody knows yet: it has not opened, or people still come in the same second. */
  | { readonly is: "undrawn" }
  /** @param place from 1; it never gets worse */
  | { readonly is: "waiting"; readonly place: number }
  | { readonly is: "called"; readonly atMs: number }
  /** Called more than 15 minutes ago. */
  | { readonly is: "over" };

export interface RoomSeeds {
  readonly draw: string;
  readonly later: string;
}

export interface LiveClass {
  readonly queue: Queue;
  readonly calls: Calls;
}

/** A count of arrivals that other nodes are not told of yet. */
export interface Arrival {
  readonly classIndex: number;
  readonly second: number;
  readonly people: number;
}

/** Seconds of arrival whose keys are at hand: those who wait came in a few, half a kilobyte each. */
const KEYS_AT_HAND = 256;

/** One round of one event's waiting room as a node has it: counts and calls, nobody by name. */
export class LiveRoom {
  readonly eventId: string;
  readonly round: number;
  readonly seeds: RoomSeeds;
  /** First those of no class, then the priority classes in their order. */
  readonly classes: readonly LiveClass[];
  /** What the organizer says, and the revision of its stream at which that is on record. */
  known: KnownRoom;
  revision: number;
  /** The last second whose counts stand; -1: none. */
  settled = -1;
  tickets: Tickets = "AVAILABLE";
  /** Whether it was in the read model; until then it is what was recorded here just now. */
  isRead = false;
  /** Whether there is something on record that says which of its seconds stand: see `beginCounting`. */
  isBegun = false;
  readonly #seen: SeenAccounts;
  readonly #come: SeenAccounts;
  readonly #lots = remembering<(accountId: string) => number>(KEYS_AT_HAND);
  #pending = new Map<string, Arrival>();
  #pendingComers = new Map<number, number>();

  constructor(eventId: string, known: KnownRoom, revision: number, seeds: RoomSeeds, newSeen: () => SeenAccounts) {
    this.eventId = eventId;
    this.round = known.round;
    this.known = known;
    this.revision = revision;
    this.seeds = seeds;
    this.#seen = newSeen();
    this.#come = newSeen();
    this.classes = [null, ...known.terms.classes].map(() => ({ queue: new Queue(), calls: new Calls() }));
  }

  get opensAtMs(): number {
    return Date.parse(this.known.terms.opensAt);
  }

  /**
   * Takes note of somebody who comes now. Whoever came before counts as nobody, but the second is told of, so that it
   * is settled and their turn comes, too.
   */
  enter(accountId: string, classIndex: number, nowMs: number): Entry {
    const { eventId, round } = this;
    const second = arrivalSecond(nowMs, this.opensAtMs);
    const people = this.#seen.see(accountId);
    this.#count({ classIndex, second: countedIn(second), people });
    return { eventId, accountId, round, classIndex, second };
  }

  #count({ classIndex, second, people }: Arrival): void {
    const key = `${classIndex}/${second}`;
    const before = this.#pending.get(key)?.people ?? 0;
    this.#pending.set(key, { classIndex, second, people: before + people });
  }

  /** Takes the counts that nobody was told of yet. */
  takePending(): readonly Arrival[] {
    const pending = [...this.#pending.values()];
    this.#pending = new Map();
    return pending;
  }

  /** They could not be told. */
  putBack(arrivals: readonly Arrival[]): void {
    for (const arrival of arrivals) this.#count(arrival);
  }

  /** Takes note of somebody who was called and asks for his admission; again, of nobody. */
  come(accountId: string, calledAtMs: number): void {
    const people = this.#come.see(`${accountId} ${calledAtMs}`);
    if (people > 0) this.#countComers({ calledAtMs, people });
  }

  #countComers({ calledAtMs, people }: Comers): void {
    this.#pendingComers.set(calledAtMs, (this.#pendingComers.get(calledAtMs) ?? 0) + people);
  }

  /** Takes the counts of those who came that nobody was told of yet. */
  takeComers(): readonly Comers[] {
    const comers = [...this.#pendingComers].map(([calledAtMs, people]) => ({ calledAtMs, people }));
    this.#pendingComers = new Map();
    return comers;
  }

  /** They could not be told. */
  putBackComers(comers: readonly Comers[]): void {
    for (const one of comers) this.#countComers(one);
  }

  rankOf({ accountId, second }: Entry): Rank {
    const { draw, later } = this.seeds;
    const key = second === 0 ? drawKeyOf(draw, this.known.terms.beacon?.value ?? null) : lotKeyOf(later, second);
    let lotOf = this.#lots.get(key);
    if (lotOf === undefined) {
      lotOf = lotsBy(key);
      this.#lots.set(key, lotOf);
    }
    return rankOf(second, lotOf(accountId));
  }

  standingOf(entry: Entry, nowMs: number): Standing {
    const mine = this.classes[entry.classIndex];
    if (mine === undefined || entry.second > this.settled || !isDrawn(this.known, nowMs)) return { is: "undrawn" };
    const rank = this.rankOf(entry);
    const turn = mine.calls.turnOf(rank, nowMs);
    if (turn.is !== "waiting") return turn;
    const before = mine.queue.between(mine.calls.last.serving, rank);
    return { is: "waiting", place: Math.floor(before) + 1 };
  }

  /** How long somebody at this place may have to wait; null while nobody is called. */
  secondsTo(place: number, classIndex: number): number | null {
    const { admitPerMinute, paused } = this.known.terms;
    if (paused) return null;
    const share = this.shares()[classIndex] ?? 0;
    return share <= 0 ? null : Math.ceil((place * 60) / (admitPerMinute * share));
  }

  /** What part of all that are called each class has, while some have nobody who waits. */
  shares(): readonly number[] {
    const own = sharesOf(this.known);
    const waiting = own.map((share, index) => (this.waitingIn(index) > 0 ? share : 0));
    const sum = waiting.reduce((total, share) => total + share, 0);
    return sum > 0 ? waiting.map((share) => share / sum) : own;
  }

  /** People who are in one of the seconds that stand, and are not called. */
  waitingIn(classIndex: number): number {
    const { queue, calls } = this.classes[classIndex] as LiveClass;
    return queue.between(calls.last.serving, Math.max(calls.last.serving, this.settled + 1));
  }

  /** Takes in what is known of a class's calls. */
  called(classIndex: number, call: Call): void {
    const one = this.classes[classIndex];
    if (one === undefined) return;
    one.calls.add(call);
    one.calls.forgetBefore(call.atMs - ADMISSION_MS);
    one.queue.forgetBefore(secondOf(one.calls.last.serving));
  }
}

/** Of no class, and of each priority class: parts of 1. */
export const sharesOf = ({ terms: { classes } }: Pick<KnownRoom, "terms">): readonly number[] => {
  const own = classes.map(({ share }) => share / 100);
  return [Math.max(0, 1 - own.reduce((sum, share) => sum + share, 0)), ...own];
};

/** How an organizer wants a waiting room to be. */
export interface RoomTerms {
  /** From then on people are called. */
  readonly opensAt: string;
  /** People that are called in a minute, 1 to 1,000,000. */
  readonly admitPerMinute: number;
  /** Nobody is called while it is; those who were may go on. */
  readonly paused: boolean;
  /** Who is called beside the rest; names and order stay for a round. */
  readonly classes: readonly PriorityClass[];
  /** What chance that nobody here has a hand in the draw is mixed with; null: none. */
  readonly beacon: Beacon | null;
}

/** People with a share of their own of all that are called. */
export interface PriorityClass {
  readonly name: string;
  /** Percent of those who are called, 1 to 100; together no more than 100. */
  readonly share: number;
  /** A keyed hash of the code that lets people in; null: whoever says so is in it. The code itself is not on record. */
  readonly codeHash: string | null;
}

/** A public source of chance, e.g. one pulse of drand, that has no value yet when it is named. */
export interface Beacon {
  /** Which value of which source it will be. */
  readonly source: string;
  /** null until it is known; then it stays. */
  readonly value: string | null;
}

/** A round begins: entries and places of earlier ones are over. */
export interface WaitingRoomSetUp {
  readonly type: "WaitingRoomSetUp";
  readonly data: {
    /** From 1. */
    readonly round: number;
    /** Hash of the seed by which the order of all who come before the opening is drawn. */
    readonly commitment: string;
    /** Hash of the seed for those who come later, which is told at the end only. */
    readonly laterCommitment: string;
    readonly terms: RoomTerms;
  };
}

export interface WaitingRoomChanged {
  readonly type: "WaitingRoomChanged";
  readonly data: { readonly round: number; readonly terms: RoomTerms };
}

/** What was committed to is on record for everybody to check. */
export interface SeedRevealed {
  readonly type: "SeedRevealed";
  readonly data: { readonly round: number; readonly of: SeedOf; readonly seed: string };
}

/** `draw`: of those who came before the opening; `later`: of all others. */
export type SeedOf = "draw" | "later";

/** Tickets can be had without an admission again. */
export interface WaitingRoomClosed {
  readonly type: "WaitingRoomClosed";
  readonly data: { readonly round: number };
}

export type WaitingRoomEvent = WaitingRoomSetUp | WaitingRoomChanged | SeedRevealed | WaitingRoomClosed;

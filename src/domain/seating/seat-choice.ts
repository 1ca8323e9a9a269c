/** Which seats somebody wants: these, or the best for a group (best-available.ts). */
export type SeatChoice = NamedSeats | GroupChoice;

export interface NamedSeats {
  /** Ids, each once. */
  readonly seats: readonly string[];
}

export interface GroupChoice {
  /** The group may sit apart, where it has to. */
  readonly split: boolean;
  /** So many of the seats have to be accessible ones. */
  readonly accessible: number;
}

/** What is meant where nothing is said: as many tickets, side by side if that goes. */
export const WHICHEVER: GroupChoice = { split: true, accessible: 0 };

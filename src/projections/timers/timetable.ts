import type { Position } from "../../eventstore/port.ts";

/** The last second that JavaScript has a date of; Postgres knows later ones. */
const MAX_SECOND = 8.64e12;

/** What a batch of events wants looked at, and what it wants left alone. */
export class Timetable {
  /** By stream, then by due second (epoch seconds): the position of the last event that asked for it. */
  readonly due = new Map<string, Map<number, Position>>();
  /** Streams whose earlier timers are of no use any more. */
  readonly settled = new Set<string>();

  /**
   * Notes that the stream has to be looked at from a time on.
   * @param timeMs epoch milliseconds. A time that is none is passed by, one before 1970 is long due: dates that an
   *   organizer gave an event must not stop the feed.
   */
  ask(stream: string, position: Position, timeMs: number): void {
    if (Number.isNaN(timeMs)) return;
    const second = Math.min(Math.max(0, Math.ceil(timeMs / 1_000)), MAX_SECOND);
    const seconds = this.due.get(stream) ?? new Map<number, Position>();
    seconds.set(second, position);
    this.due.set(stream, seconds);
  }

  /** Takes back all that earlier events asked for this stream. */
  settle(stream: string): void {
    this.due.delete(stream);
    this.settled.add(stream);
  }
}

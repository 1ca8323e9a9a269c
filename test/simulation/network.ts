import type { Host } from "./host.ts";

/** How long things take on their way. */
export interface Weather {
  /** Up to so many milliseconds, mostly. */
  readonly usualMs: number;
  /** How likely something takes much longer, and up to how long. */
  readonly stalls: number;
  readonly stallMs: number;
}

export const CALM: Weather = { usualMs: 2, stalls: 0, stallMs: 0 };

export const tripMs = ({ chance }: Host, { usualMs, stalls, stallMs }: Weather): number =>
  chance.is(stalls) ? chance.next() * stallMs : 0.05 + chance.next() * usualMs;

/**
 * A call from a process to something outside: the request travels, is served there at one moment, and its answer travels
 * back. What was served is done, though the process may never hear of it.
 */
export function roundTrip<Value>(
  host: Host,
  weather: Weather,
  what: string,
  serve: () => Value | Promise<Value>,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const answer = (how: string, tell: () => void) => host.after(tripMs(host, weather), `${what} ${how}`, tell);
    host.scheduler.after(tripMs(host, weather), `${host.name} > ${what}`, null, () => {
      serving(serve).then(
        (value) => answer("answered", () => resolve(value)),
        (error: unknown) => answer(`failed: ${nameOf(error)}`, () => reject(error)),
      );
    });
  });
}

/** An answer that does not come from where it was asked for: the request got lost, or its answer did. */
export const noAnswer = (host: Host, withinMs: number, what: string, error: () => Error): Promise<never> =>
  new Promise((_, reject) => host.after(withinMs, `${what}: ${error().name}`, () => reject(error())));

const serving = async <Value>(serve: () => Value | Promise<Value>): Promise<Value> => serve();

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

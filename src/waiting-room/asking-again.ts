import type { LiveRoom, Standing } from "./live-room.ts";

/** Ticks of the counts are so far apart that asking more often tells nothing new. */
const LEAST_SECONDS = 2;
/** Who is called finds out in time, whatever the pace is set to meanwhile. */
const MOST_SECONDS = 30;
/** Somebody with a minute to wait asks after a quarter of it. */
const PART_OF_WAIT = 1 / 4;
/** Nobody knows how long a pause lasts. */
const WHILE_PAUSED_SECONDS = 10;

/**
 * When somebody who waits shall ask for his place again, in seconds: the longer he has to wait, the later, so that ten
 * million people who wait are not ten million requests every two seconds. Before the opening it is the opening, if that
 * is near.
 */
export function askAgainSeconds(
  room: Pick<LiveRoom, "opensAtMs" | "secondsTo">,
  standing: Extract<Standing, { is: "undrawn" | "waiting" }>,
  classIndex: number,
  nowMs: number,
): number {
  const within = (seconds: number) => Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, Math.ceil(seconds)));
  if (standing.is === "undrawn") return within((room.opensAtMs - nowMs) / 1_000);
  const wait = room.secondsTo(standing.place, classIndex);
  return wait === null ? WHILE_PAUSED_SECONDS : within(wait * PART_OF_WAIT);
}

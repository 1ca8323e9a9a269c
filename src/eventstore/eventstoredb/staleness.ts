import type { Position } from "../port.ts";
import type { Feed } from "./feed.ts";

/**
 * Looks after a subscription that nothing comes from. Its node may have been cut off from the others: it tells nobody, and
 * keeps the connection. Where the leader has had, for a whole interval, an event that did not arrive, the subscription
 * is given up, and whoever subscribes again finds a node that is not.
 * @param head the newest event's position, as the leader has it
 * @returns ends the looking
 */
export function watchStaleness(arriving: Feed, head: () => Promise<Position | null>, everyMs: number): () => void {
  let missed: Position | null = null;
  let before: Position | null = null;
  let asking = false;
  const look = async (): Promise<void> => {
    const { reached } = arriving;
    const stoodStill = reached === before; // else it is catching up, idle only for a moment
    before = reached;
    if (asking || !arriving.isIdle) return;
    if (stoodStill && missed !== null && reached < missed) {
      arriving.lose(new Error(`it is at ${reached} and nothing comes, while the log is at ${missed}`));
      return;
    }
    asking = true;
    // Where there is no leader nobody can tell; that is the business of whoever needs one.
    missed = await head().catch(() => null);
    asking = false;
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

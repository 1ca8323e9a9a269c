import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { decode } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { broken } from "./inventory-laws.ts";
import { after, NOTHING_RECORDED, type RecordedInventory } from "./recorded-inventory.ts";

/** An inventory from one event to the next. */
export interface Moment {
  /** Since when, in simulated milliseconds. */
  readonly sinceMs: number;
  readonly state: RecordedInventory;
  /** The event that made it so; null before the first. */
  readonly event: InventoryEvent | null;
}

/** One inventory at all times, as its log tells. */
export class Timeline {
  readonly moments: Moment[] = [{ sinceMs: Number.NEGATIVE_INFINITY, state: NOTHING_RECORDED, event: null }];
  readonly faults: string[] = [];

  constructor(events: readonly StoredEvent[], recordedAtMs: (event: StoredEvent) => number) {
    const decoded = events.map((stored) => ({ ...decode<InventoryEvent>(stored), stored }));
    let { state } = this.moments[0] as Moment;
    for (const [index, { event, envelope, stored }] of decoded.entries()) {
      const about = (fault: string) => `${stored.stream}@${stored.revision} ${event.type}: ${fault}`;
      try {
        const next = after(state, event);
        const faults = broken(event, state, next, Date.parse(envelope.at), decoded[index + 1]?.event);
        this.faults.push(...faults.map(about));
        state = next;
      } catch (error) {
        this.faults.push(about(error instanceof Error ? error.message : String(error)));
        return;
      }
      this.moments.push({ sinceMs: recordedAtMs(stored), state, event });
    }
  }

  get last(): RecordedInventory {
    return (this.moments.at(-1) as Moment).state;
  }

  /** All that it was at some time from one to another, in simulated milliseconds. */
  during(beganMs: number, endedMs: number): readonly RecordedInventory[] {
    const first = this.moments.findLastIndex(({ sinceMs }) => sinceMs <= beganMs);
    const last = this.moments.findLastIndex(({ sinceMs }) => sinceMs <= endedMs);
    return this.moments.slice(first, last + 1).map(({ state }) => state);
  }

  /** The first event like this that was recorded by then. */
  find(by: number, isIt: (event: InventoryEvent) => boolean): InventoryEvent | undefined {
    return (
      this.moments.find(({ event, sinceMs }) => sinceMs <= by && event !== null && isIt(event))?.event ?? undefined
    );
  }
}

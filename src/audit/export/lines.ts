import type { Position, StoredEvent } from "../../eventstore/port.ts";
import { cloudEventLine } from "./cloud-event.ts";

/** Which events become lines, and of which version. */
export interface LineWish {
  /** Ends included. */
  readonly from: Position;
  readonly to: Position;
  /** null: of any. */
  readonly type: string | null;
  /** Events in today's version of their schema, in place of what was written. */
  readonly upcast: boolean;
}

/** Lines of CloudEvents, each with its end; empty where none of them is wanted. */
export function linesOf(events: readonly StoredEvent[], { from, to, type, upcast }: LineWish): string {
  let text = "";
  for (const event of events) {
    if (event.position < from || event.position > to || (type !== null && event.type !== type)) continue;
    text += cloudEventLine(event, upcast);
  }
  return text;
}

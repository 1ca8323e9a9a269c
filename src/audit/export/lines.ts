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

/** @param typeOf asked only where a type is wished */
export const isWanted = ({ from, to, type }: LineWish, position: Position, typeOf: () => string): boolean =>
  position >= from && position <= to && (type === null || typeOf() === type);

/** Lines of CloudEvents, each with its end; empty where none of them is wanted. */
export function linesOf(events: readonly StoredEvent[], wish: LineWish): string {
  let text = "";
  for (const event of events) {
    if (isWanted(wish, event.position, () => event.type)) text += cloudEventLine(event, wish.upcast);
  }
  return text;
}

import type { InventoryOpened } from "../../domain/inventory-events.ts";
import type { Money } from "../../domain/money.ts";
import { HELD, SOLD, type TakenStatus } from "./table.ts";

/** What a batch says about the seats of one ticket type, numbered or not. */
export interface MapChange {
  /** Where it was opened in this batch with a map. */
  opened: InventoryOpened["data"] | null;
  revision: number;
  /** null: as it was. */
  price: Money | null;
  /** By seat; the last word counts. */
  readonly blocks: Map<string, boolean>;
}

/** What a batch says about seats of one reservation. */
export interface SeatsTaken {
  /** All that is to be known of it; null: it began before this batch. */
  begun: { readonly stream: string; readonly seats: readonly string[] } | null;
  /** null: as it was. */
  status: TakenStatus | null;
  /** It is over, and what it had is free. */
  gone: boolean;
  returned: readonly number[];
}

/** What a batch says about seats. Reservations without seats are in it, too: of what ends one nobody can tell. */
export interface SeatBatch {
  /** By stream. */
  readonly maps: Map<string, MapChange>;
  readonly taken: Map<string, SeatsTaken>;
}

export const newBatch = (): SeatBatch => ({ maps: new Map(), taken: new Map() });

export function mapChangeOf({ maps }: SeatBatch, stream: string): MapChange {
  const known = maps.get(stream);
  if (known !== undefined) return known;
  const change: MapChange = { opened: null, revision: 0, price: null, blocks: new Map() };
  maps.set(stream, change);
  return change;
}

/** It has these seats and no others, whatever was before; nothing where tickets are not numbered. */
export function hold({ taken }: SeatBatch, id: string, stream: string, seats: readonly string[] | undefined): void {
  if (seats === undefined) return;
  taken.set(id, { begun: { stream, seats }, status: HELD, gone: false, returned: NONE });
}

export const sell = (batch: SeatBatch, id: string): void => {
  takenBy(batch, id).status = SOLD;
};

/** What it had is free. */
export const free = ({ taken }: SeatBatch, id: string): void => {
  taken.set(id, { begun: null, status: null, gone: true, returned: NONE });
};

/** Some of what it had is free. */
export function giveBack(batch: SeatBatch, id: string, ordinals: readonly number[]): void {
  const one = takenBy(batch, id);
  one.returned = [...one.returned, ...ordinals];
}

function takenBy({ taken }: SeatBatch, id: string): SeatsTaken {
  const known = taken.get(id);
  if (known !== undefined) return known;
  const one: SeatsTaken = { begun: null, status: null, gone: false, returned: NONE };
  taken.set(id, one);
  return one;
}

const NONE: readonly number[] = [];

import type { InventoryOpened } from "../domain/inventory-events.ts";
import type { SeatMap } from "../domain/seating/seat-map.ts";
import { planOf } from "../domain/seating/seating-plan.ts";

/**
 * The tickets that an inventory is opened with.
 * @param capacity as it is listed: of a seat map, blocked seats too
 */
export function openedWith(
  capacity: number,
  seatMap: SeatMap | undefined,
): Pick<InventoryOpened["data"], "capacity" | "seatMap"> {
  return seatMap === undefined ? { capacity } : { capacity: capacity - planOf(seatMap).blocked.length, seatMap };
}

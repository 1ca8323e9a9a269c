import { setImmediate as otherWork } from "node:timers/promises";

/** Of writing to connections: about a millisecond. */
const IN_A_TURN = 128;

/** Does something with many, some in each turn of the event loop, so that others get theirs meanwhile. */
export async function inTurns<Item>(items: Iterable<Item>, run: (item: Item) => void): Promise<void> {
  let left = IN_A_TURN;
  for (const item of items) {
    run(item);
    left -= 1;
    if (left > 0) continue;
    left = IN_A_TURN;
    await otherWork();
  }
}

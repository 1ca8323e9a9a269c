import { writeInventory } from "../../src/domain/inventory-snapshot.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import { bookingStream, inventoryStream } from "../../src/eventstore/streams.ts";
import { differences } from "./picture.ts";
import type { Node } from "./product.ts";

/** What nodes that have been at work all along have in memory is what one finds that reads the log now. */
export async function memoriesOf(
  nodes: readonly Node[],
  types: readonly { readonly eventId: string; readonly ticketTypeId: string }[],
  bookings: readonly string[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const compare = async (what: string, see: (on: Node) => Promise<unknown>) => {
    const [first, ...others] = await Promise.all(nodes.map(see));
    for (const other of others) faults.push(...differences(first, other, what));
  };
  for (const { eventId, ticketTypeId } of types) {
    const stream = inventoryStream(eventId, ticketTypeId);
    // The first look has everything done that is due, so that all see the same.
    await nodes[0]?.inventories.look(stream, () => null);
    await compare(ticketTypeId, (on) =>
      on.inventories.look(stream, (state) => JSON.parse(JSON.stringify(writeInventory(state as OpenedInventory)))),
    );
  }
  for (const id of bookings) {
    await compare(id, (on) => on.bookings.look(bookingStream(id), (state) => JSON.parse(JSON.stringify(state))));
  }
  return faults;
}

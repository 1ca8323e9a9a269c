import { writeInventory } from "../../../src/domain/inventory-snapshot.ts";
import { bookingStream, inventoryStream } from "../../../src/eventstore/streams.ts";
import { differences } from "../../model/picture.ts";
import type { TypeRef } from "../asks.ts";
import type { Node } from "../node.ts";

/** What nodes have in memory has to be what one finds that reads the log now. */
export async function memoriesOf(
  nodes: readonly Node[],
  types: readonly TypeRef[],
  bookings: readonly string[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const compare = async (what: string, see: (on: Node) => Promise<unknown>) => {
    const [first, ...others] = await Promise.all(nodes.map(see));
    for (const other of others) faults.push(...differences(first, other, `in memory, ${what}`));
  };
  for (const { eventId, ticketTypeId } of types) {
    await compare(ticketTypeId, (on) =>
      on.inventories.look(inventoryStream(eventId, ticketTypeId), (state) =>
        state.status === "unopened" ? null : asWritten(writeInventory(state)),
      ),
    );
  }
  for (const id of bookings) await compare(id, (on) => on.bookings.look(bookingStream(id), asWritten));
  return faults;
}

const asWritten = (state: unknown): unknown => JSON.parse(JSON.stringify(state));

import type { FeedEvent } from "../feed-event.ts";
import type { Projection, Write } from "../projection.ts";
import { newBatch } from "./batch.ts";
import { applyBooking } from "./bookings.ts";
import { applyInventory } from "./inventories.ts";
import { askRefunds, cancelTickets, endBookings, succeedRefunds } from "./money.ts";
import { createTables, VIEWS } from "./table.ts";
import { addCounts, addStock, insertAdmissions, insertLines } from "./writes.ts";

/**
 * What analysts ask for: what is sold line by line, refunds by the lines that they are for, and sums by quarter of an hour,
 * so that a chart of a million sales reads some thousand rows. A batch is at most eight writes.
 */
export const analytics: Projection = {
  name: "analytics",
  version: 1,
  views: VIEWS,
  createTables,
  writes(events, generation) {
    const batch = newBatch();
    for (const event of events) apply(event, batch);
    const writes: Write[] = [];
    if (batch.counts.size > 0) writes.push(addCounts(batch, generation));
    if (batch.stock.size > 0) writes.push(addStock(batch, generation));
    if (batch.admissions.length > 0) writes.push(insertAdmissions(batch, generation));
    // What is opened comes before what becomes of it, and refunds after the lines that they are for.
    if (batch.opened.length > 0) writes.push(insertLines(batch, generation));
    if (batch.bookings.size > 0) writes.push(endBookings(batch, generation));
    if (batch.cancelled.length > 0) writes.push(cancelTickets(batch, generation));
    if (batch.asked.length > 0) writes.push(askRefunds(batch, generation));
    if (batch.succeeded.size > 0) writes.push(succeedRefunds(batch, generation));
    return writes;
  },
};

function apply(feedEvent: FeedEvent, batch: ReturnType<typeof newBatch>): void {
  const inventory = feedEvent.inventory();
  if (inventory !== null) {
    const { event, envelope, stored } = inventory;
    applyInventory(event, stored.stream, envelope.at, batch);
    return;
  }
  const booking = feedEvent.booking();
  if (booking !== null) applyBooking(booking, batch);
}

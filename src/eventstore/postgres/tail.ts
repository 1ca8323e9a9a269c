import pg from "pg";
import { isLastPage } from "../pages.ts";
import type { Revision, StoredEvent } from "../port.ts";
import { cutPage, EVENT_COLUMNS, type EventRow, SIZED_EVENT_COLUMNS, storedEvent } from "./reader.ts";

const MOST_EVENTS = 512;

/**
 * What a stream has after a revision, as a statement without parameters: it can follow others in one round trip. Its rows
 * are to be texts in arrays, as {@link tailIn} takes them.
 */
export const tailStatement = (stream: string, after: Revision): string =>
  cutPage(
    `select ${SIZED_EVENT_COLUMNS}
       from eventstore.events e
      where e.stream_id = (select id from eventstore.streams where name = ${pg.escapeLiteral(stream)})
        and e.revision > ${after}
      order by e.revision limit ${MOST_EVENTS}`,
    EVENT_COLUMNS,
    "e.revision",
  );

/** null: that is not all there is. */
export function tailIn(stream: string, rows: readonly EventRow[]): readonly StoredEvent[] | null {
  const events = rows.map((row) => storedEvent(stream, row));
  return isLastPage(events, MOST_EVENTS) ? events : null;
}

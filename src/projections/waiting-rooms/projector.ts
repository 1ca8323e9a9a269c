import type { WaitingRoomEvent } from "../../domain/waiting-room-events.ts";
import { eventOfWaitingRoom } from "../../eventstore/streams.ts";
import { unknownEvent } from "../feed-event.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { storableJson } from "../storable.ts";
import { createTables, VIEW } from "./table.ts";

/** What organizers say of waiting rooms; who waits in them is nowhere on record. They change rarely: a statement each. */
export const waitingRooms: Projection = {
  name: "waiting_rooms",
  version: 1,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const statements: Statement[] = [];
    for (const feedEvent of events) {
      const recorded = feedEvent.waitingRoom();
      if (recorded === null) continue;
      const { event, stored } = recorded;
      const write = statementOf(event, eventOfWaitingRoom(stored.stream), stored.revision, generation);
      if (write !== null) statements.push(write);
    }
    return statements;
  },
};

function statementOf(event: WaitingRoomEvent, eventId: string, revision: number, generation: number): Statement | null {
  const table = tableName(VIEW, generation);
  switch (event.type) {
    case "WaitingRoomSetUp": {
      const { round, commitment, laterCommitment, terms } = event.data;
      return {
        name: `waiting_rooms_set_up_g${generation}`,
        text: `insert into ${table} (event_id, revision, status, round, commitment, later_commitment, terms)
               values ($1, $2, 'set-up', $3, $4, $5, $6)
               on conflict (event_id) do update set revision = excluded.revision, status = excluded.status,
                 round = excluded.round, commitment = excluded.commitment,
                 later_commitment = excluded.later_commitment, terms = excluded.terms`,
        values: [eventId, revision, round, commitment, laterCommitment, storableJson(terms)],
      };
    }
    case "WaitingRoomChanged":
      return {
        name: `waiting_rooms_changed_g${generation}`,
        text: `update ${table} set revision = $2, terms = $3 where event_id = $1`,
        values: [eventId, revision, storableJson(event.data.terms)],
      };
    case "WaitingRoomClosed":
      return {
        name: `waiting_rooms_closed_g${generation}`,
        text: `update ${table} set revision = $2, status = 'closed' where event_id = $1`,
        values: [eventId, revision],
      };
    case "SeedRevealed": // who asks is told by the seed itself
      return null;
    default:
      return unknownEvent(event);
  }
}

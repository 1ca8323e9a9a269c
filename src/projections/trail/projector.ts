import type { Actor } from "../../eventstore/envelope.ts";
import { BinaryRows, uuidBytes } from "../binary-rows.ts";
import { type Projection, tableName } from "../projection.ts";
import { aboutOf } from "./subjects.ts";
import { createTables, VIEW } from "./table.ts";

/** A row's size on its way to Postgres, about. */
const ROW_BYTES = 300;

/** An index of the log for auditors: a batch is one COPY. */
export const trail: Projection = {
  name: "trail",
  version: 2,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    if (events.length === 0) return [];
    const rows = new BinaryRows(events.length * ROW_BYTES);
    for (const feedEvent of events) {
      const { stored } = feedEvent;
      const { event, envelope } = feedEvent.recorded();
      const { eventId, subjects } = aboutOf(stored.stream, event.data);
      const actor = actorName(envelope.actor);
      for (const [ordinal, subject] of (subjects.length === 0 ? [null] : subjects).entries()) {
        rows.row(9).numeric(stored.position).integer(ordinal).text(stored.stream).integer(stored.revision);
        rows.timestamp(Date.parse(envelope.at)).text(stored.type).text(actor);
        for (const id of [eventId, subject]) {
          if (id === null) rows.null();
          else rows.uuid(uuidBytes(id));
        }
      }
    }
    return [{ copy: `copy ${tableName(VIEW, generation)} from stdin with (format binary)`, rows: rows.finish() }];
  },
};

/** By what an auditor asks for somebody's doings: the account's id, or the process's name. */
export const actorName = (actor: Actor): string => ("process" in actor ? actor.process : actor.account);

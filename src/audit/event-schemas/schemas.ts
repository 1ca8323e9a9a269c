import { z } from "zod";
import { currentVersion } from "../../eventstore/schema-versions.ts";
import { cloudEventType } from "../export/cloud-event.ts";
import { BOOKING_EVENTS } from "./bookings.ts";
import { INVENTORY_EVENTS } from "./inventories.ts";
import { LISTING_EVENTS } from "./listings.ts";
import { CART_EVENTS, WAITING_ROOM_EVENTS } from "./others.ts";

/** What the data of each type of event is, in today's version. */
export const EVENT_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...LISTING_EVENTS,
  ...INVENTORY_EVENTS,
  ...CART_EVENTS,
  ...BOOKING_EVENTS,
  ...WAITING_ROOM_EVENTS,
};

/** A type of event in a version, as CloudEvents name it, with the JSON Schema (2020-12) of its `data`. */
export interface DocumentedEvent {
  readonly type: string;
  readonly version: number;
  readonly cloudEventType: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/**
 * All of them, by name. There is one version of each today; who raises one keeps the schema of the older here beside it, and
 * `upcast=true` gives older records in the newest.
 */
export const documentedEvents = (): readonly DocumentedEvent[] =>
  Object.entries(EVENT_SCHEMAS)
    .map(([type, schema]) => {
      const version = currentVersion(type);
      return { type, version, cloudEventType: cloudEventType(type, version), schema: { ...z.toJSONSchema(schema) } };
    })
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));

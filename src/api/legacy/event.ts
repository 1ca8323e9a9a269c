import { z } from "zod";
import { type EventView, event } from "../events/responses.ts";

/** An event that was put on sale by `total_seats`, with what earlier systems' clients look for beside the usual fields. */
export const earlierEvent = z
  .strictObject({
    ...event.shape,
    event_id: z.string().meta({ description: "`eventId`" }),
    total_seats: z.int().meta({ description: "`total`" }),
    created_at: z.string().meta({ format: "date-time", description: "`createdAt`" }),
  })
  .meta({ id: "EarlierEvent" });

export const earlierEventView = (view: EventView) => ({
  ...view,
  event_id: view.eventId,
  total_seats: view.total,
  created_at: view.createdAt,
});

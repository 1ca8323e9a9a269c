import { z } from "zod";
import { idParam } from "../conventions/fields.ts";

export const tags = ["Events"];

export const eventPath = z.strictObject({ eventId: idParam("event-not-found") });

export const ticketTypePath = eventPath.extend({ ticketTypeId: idParam("ticket-type-not-found") });

/** The refusals of a command that answers what a read then answers. */
export const OF_CHANGES = ["busy", "outcome-unknown", "read-model-behind"] as const;

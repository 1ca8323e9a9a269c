import { z } from "zod";
import { documentedEvents } from "../../audit/event-schemas/schemas.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";

const documentedEvent = z
  .strictObject({
    type: z.string().meta({ examples: ["TicketsReserved"] }),
    version: z.int().meta({ description: "Of its schema, as it is written today" }),
    cloudEventType: z.string().meta({ description: "`type` of a line of the export" }),
    schema: z.record(z.string(), z.unknown()).meta({ description: "JSON Schema (2020-12) of `data`" }),
  })
  .meta({ id: "DocumentedEvent" });

/** What records look like: the same for everybody, and no secret. */
export const schemaRoute: RoutePlugin = (api) => {
  const items = documentedEvents().map((one) => ({ ...one }));
  api.route({
    method: "GET",
    url: "/audit/schemas",
    schema: {
      tags: ["Audit"],
      summary: "Every type of event that is on record, with the JSON Schema of its data",
      description: "Made from the code. `GET /audit/export?upcast=true` gives all records in these versions.",
      response: { 200: z.strictObject({ items: z.array(documentedEvent) }) },
    },
    handler: async () => ({ items }),
  });
};

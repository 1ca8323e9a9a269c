import type { Readable } from "node:stream";
import { z } from "zod";
import { type ExportDependencies, type ExportWish, exported } from "../../audit/export/export.ts";
import { atOnce } from "../conventions/at-once.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { streamedText } from "../conventions/streamed-text.ts";
import { Problem } from "../problems/problem.ts";
import type { AuditAccess } from "./access.ts";

import { streamName, typeName } from "./schemas.ts";

const NDJSON = "application/x-ndjson";

/** Each holds a connection and some megabytes for as long as it is read. */
const EXPORTS_AT_ONCE = 4;
const AGAIN_SECONDS = 10;

const GREATEST = 2n ** 64n - 1n;
const position = z
  .string()
  .regex(/^\d{1,20}$/, { abort: true, error: "takes a position" })
  .refine((text) => BigInt(text) <= GREATEST, { error: "takes a position" })
  .meta({ examples: ["4711"] });

const exportQuery = z
  .strictObject({
    from: position.optional().meta({ description: "What stands there or later" }),
    to: position.optional().meta({ description: "What stands there or before; the log's head as of now at most" }),
    stream: streamName.optional(),
    type: typeName.optional(),
    upcast: z
      .enum(["true", "false"])
      .default("false")
      .meta({ description: "Today's version of each event in place of what was written" }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || BigInt(from) <= BigInt(to), {
    path: ["to"],
    error: "is before `from`",
  });

const LINE =
  '{"specversion":"1.0","id":"0199b0a4-7f6e-7cc3-b5c5-0b3f4a0c1d2e","source":"/boxoffice/streams/booking-0199b0a4-...",' +
  '"type":"boxoffice.BookingTimedOut.v1","subject":"booking-0199b0a4-...","time":"2026-12-24T18:00:00.000Z",' +
  '"datacontenttype":"application/json","position":"4711","revision":"3","schemaversion":1,"actor":"timers",' +
  '"commandid":"...","correlationid":"...","hash":"...","previoushash":"...","data":{}}\n';

export interface ExportRoute extends ExportDependencies {
  readonly access: Pick<AuditAccess, "onlyOf" | "toStream">;
}

/** The log as a file, for whoever may read it. */
export const exportRoute =
  ({ access, ...dependencies }: ExportRoute): RoutePlugin =>
  (api) => {
    const limited = atOnce(EXPORTS_AT_ONCE, () => new Problem("busy", { retryAfterSeconds: AGAIN_SECONDS }));

    api.route({
      method: "GET",
      url: "/audit/export",
      schema: {
        tags: ["Audit"],
        summary: "The log, or a part of it, as NDJSON: a CloudEvent (1.0) on each line, in the order of the log",
        description:
          "Ends with what was recorded when the request came; the next one goes on from the last `position` + 1. " +
          "`data` stands last and byte for byte as it was written, which `hash` covers. Organizers get what `GET /audit/log` " +
          "shows them.",
        querystring: exportQuery,
        response: {
          200: {
            description: "Lines of CloudEvents; a connection that breaks is an export that is not whole",
            content: {
              // What goes out is text; what a handler gives for it is a stream, which no serializer looks at.
              [NDJSON]: { schema: z.string().meta({ examples: [LINE] }) as unknown as z.ZodType<Readable> },
            },
          },
        },
      },
      config: { problems: ["forbidden", "stream-not-found", "read-model-behind", "busy"] },
      handler: async (request, reply) => {
        const { from, to, stream = null, type = null, upcast } = request.query;
        if (stream !== null) await access.toStream(request, stream);
        const wish: ExportWish = {
          from: from === undefined ? null : BigInt(from),
          to: to === undefined ? null : BigInt(to),
          stream,
          type,
          upcast: upcast === "true",
          organizerId: await access.onlyOf(request),
        };
        const pieces = limited(() => exported(dependencies, wish));
        return streamedText(request, reply, { name: "boxoffice-log.ndjson", type: NDJSON, pieces });
      },
    });
  };

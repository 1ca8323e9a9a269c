import Negotiator from "negotiator";
import { z } from "zod";
import type { EventProof, EventProofs } from "../../audit/proof.ts";
import type { EventCommands } from "../../commands/events.ts";
import type { KnownListing } from "../../domain/listing-state.ts";
import { signedHead, signedHeadView } from "../audit/head-routes.ts";
import { varyByAccept } from "../conventions/csv.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";
import { requireVisible } from "./access.ts";
import { eventPath, tags } from "./paths.ts";
import { proofPage } from "./proof-page.ts";

export const eventProof = z
  .strictObject({
    eventId: z.string(),
    name: z.string(),
    ticketTypes: z.array(
      z.strictObject({
        ticketTypeId: z.string(),
        name: z.string(),
        total: z.int(),
        available: z.int(),
        held: z.int(),
        booked: z.int(),
        revision: z.int().nullable().meta({ description: "Of the last event of its stream that counts" }),
        hash: z.string().nullable().meta({ description: "Of that event; the chain makes it one of all before it" }),
      }),
    ),
    head: signedHead
      .nullable()
      .meta({ description: "As of which the counts are; null: none is signed yet, they are as of now" }),
    check: z.array(z.string()).meta({ description: "How to check it" }),
  })
  .meta({ id: "EventProof" });

const JSON_TYPE = "application/json";
const HTML_TYPE = "text/html";

const CHECK = [
  "Keep this answer: a head that somebody else has cannot be taken back.",
  "Get the public keys from GET /audit/heads/keys, and compare their ids with what the operator tells elsewhere.",
  "The signature is Ed25519 over `boxoffice head v1`, count, position, hash and signedAt, each followed by a line break.",
  "Who may read the log (GET /audit/export) checks with `npm run verify-export` that it leads to this head, without the server.",
  "In that export, the stream inventory-<eventId>.<ticketTypeId> ends for this proof at `revision`, with the event of this `hash`; " +
    "adding up its events gives the counts.",
];

export interface ProofRoutes {
  readonly events: Pick<EventCommands, "find">;
  readonly proofs: EventProofs;
}

/** What everybody may check of an event's sale: its counts, bound to a signed head of the log. */
export const proofRoutes =
  ({ events, proofs }: ProofRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url: "/events/:eventId/proof",
      schema: {
        tags,
        summary: "The counts of an event, bound to a signed head of the log, and how to check them",
        description: "As a page where `Accept` prefers `text/html`.",
        params: eventPath,
        response: {
          200: {
            description: "As JSON, or as a page where `Accept` prefers `text/html`",
            content: { [JSON_TYPE]: { schema: eventProof }, [HTML_TYPE]: { schema: z.string() } },
          },
        },
      },
      config: { problems: ["event-not-found", "busy"], etag: true },
      handler: async (request, reply) => {
        const listing = await events.find(request.params.eventId);
        if (listing.status === "missing") throw new Problem("event-not-found");
        requireVisible(request.caller, { organizerId: listing.organizerId, isDraft: !listing.published });
        const view = viewOf(listing, await proofs.of(listing));
        varyByAccept(reply);
        const wanted = new Negotiator({ headers: request.headers }).mediaType([JSON_TYPE, HTML_TYPE]);
        if (wanted !== HTML_TYPE) return view;
        reply.type(`${HTML_TYPE}; charset=utf-8`);
        return proofPage(view);
      },
    });
  };

const viewOf = ({ eventId, details }: KnownListing, { head, ticketTypes }: EventProof): z.input<typeof eventProof> => ({
  eventId,
  name: details.name,
  ticketTypes: ticketTypes.map((one) => ({ ...one, available: one.total - one.held - one.booked })),
  head: head === null ? null : signedHeadView(head),
  check: CHECK,
});

import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { CartCommands, CartOutcome } from "../../commands/carts.ts";
import type { EventCommands } from "../../commands/events.ts";
import type { GivenAdmission } from "../../domain/inventory-commands.ts";
import type { Position } from "../../eventstore/port.ts";
import type { Clock } from "../../ports.ts";
import type { CartQueries } from "../../projections/carts/queries.ts";
import { isUuid } from "../../projections/uuid.ts";
import type { Admissions, Admitted } from "../../waiting-room/admissions.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { ticketsWished } from "../conventions/seats.ts";
import { refusedBySale } from "../events/refused-by-sale.ts";
import { Problem, refusal } from "../problems/problem.ts";
import { OF_ADMISSION, saySo, shownBy } from "../waiting-room/admitted.ts";
import { cart, cartView, newCartItem } from "./schemas.ts";

export interface CartRoutes {
  readonly commands: CartCommands;
  readonly events: Pick<EventCommands, "find">;
  readonly queries: CartQueries;
  readonly admissions: Pick<Admissions, "given" | "using">;
  readonly clock: Clock;
}

const tags = ["Reservations"];
const itemPath = z.strictObject({ ticketTypeId: idParam("ticket-type-not-found") });
const OF_COMMANDS = ["payment-in-progress", "busy", "outcome-unknown"] as const;

/** The caller's cart: reservations that end together and are bought together. */
export const cartRoutes =
  ({ commands, events, queries, admissions, clock }: CartRoutes): RoutePlugin =>
  (api) => {
    /** The cart as it reads once `position` is projected. */
    const read = async (request: FastifyRequest, position: Position | null) => {
      const { accountId } = callerOf(request);
      return cartView(await queries.currentCart(accountId, { minPosition: position, nowMs: clock.nowMs() }));
    };

    /** A line that is there needs no admission to change; only one that is new uses it. */
    async function changedOrNew(
      shown: Admitted,
      ticketTypeId: string,
      set: (given: GivenAdmission) => Promise<CartOutcome>,
    ): Promise<CartOutcome> {
      const refusal = "refusal" in shown.given ? shown.given : ({ refusal: "admission-required" } as const);
      const changed = await set(refusal);
      if (shown.admission === null || changed.accepted || changed.code !== "admission-required") return changed;
      return admissions.using(shown, ticketTypeId, set).catch(saySo);
    }

    api.route({
      method: "GET",
      url: "/cart",
      schema: { tags, summary: "One's own cart", response: { 200: cart } },
      config: { etag: true, minPosition: true },
      handler: (request) => read(request, minPosition(request)),
    });

    api.route({
      method: "PUT",
      url: "/cart/items/:ticketTypeId",
      schema: {
        tags,
        summary: "Hold so many tickets of a type in the cart; 0 gives them back",
        params: itemPath,
        body: newCartItem,
        response: { 200: cart },
      },
      config: {
        problems: [
          "event-not-found",
          "ticket-type-not-found",
          "event-cancelled",
          "event-ended",
          "event-not-published",
          "sale-paused",
          "sale-not-open",
          "sale-closed",
          "guests-not-allowed",
          ...OF_ADMISSION,
          "limit-exceeded",
          "sold-out",
          "seat-taken",
          "no-adjacent-seats",
          "currency-mixed",
          "read-model-behind",
          ...OF_COMMANDS,
        ],
      },
      handler: async (request, reply) => {
        const { ticketTypeId } = request.params;
        const { eventId } = request.body;
        const caller = callerOf(request);
        if (!isUuid(eventId)) throw new Problem("event-not-found");
        const line = { eventId, ticketTypeId };
        const wish = ticketsWished(request.body);
        const set = (given?: GivenAdmission) => commands.setLine(caller, line, wish, commandContext(request), given);
        const shown = wish.quantity === 0 ? null : shownBy(admissions, request, eventId, caller.accountId);
        const outcome = await (shown === null ? set() : changedOrNew(shown, ticketTypeId, set));
        if (!outcome.accepted) throw await refusedBySale(outcome, eventId, caller, events);
        recordedAt(reply, { ...outcome, replayed: false });
        return read(request, outcome.position);
      },
    });

    api.route({
      method: "DELETE",
      url: "/cart/items/:ticketTypeId",
      schema: {
        tags,
        summary: "Give the tickets of a type in the cart back",
        params: itemPath,
        response: { 204: z.undefined() },
      },
      config: { problems: ["ticket-type-not-found", ...OF_COMMANDS] },
      handler: async (request, reply) => {
        const { ticketTypeId } = request.params;
        const outcome = await commands.removeLine(callerOf(request), ticketTypeId, commandContext(request));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, { ...outcome, replayed: false });
        reply.code(204);
      },
    });

    api.route({
      method: "DELETE",
      url: "/cart",
      schema: { tags, summary: "Give everything in the cart back", response: { 204: z.undefined() } },
      config: { problems: OF_COMMANDS },
      handler: async (request, reply) => {
        const outcome = await commands.clear(callerOf(request), commandContext(request));
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, { ...outcome, replayed: false });
        reply.code(204);
      },
    });
  };

import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Caller } from "../../accounts/caller.ts";
import type { EventCommands } from "../../commands/events.ts";
import type { HoldTokens } from "../../commands/hold-tokens.ts";
import type { ReservationLocator } from "../../commands/recent-reservations.ts";
import { isUuid } from "../../projections/uuid.ts";
import { callerOf, recordedAt } from "../conventions/commands.ts";
import { time } from "../conventions/fields.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { badRequests, inEarlierWords } from "../problems/earlier-words.ts";
import { invalid, Problem } from "../problems/problem.ts";
import { OF_RESERVING, type Reserving } from "../reservations/reserving.ts";
import { isOfAdmission } from "../waiting-room/admitted.ts";
import { type buyingOnce, OF_BUYING, OF_STATE } from "./buying-once.ts";
import { eventFor } from "./what-is-sold.ts";

export interface HoldRoutes {
  readonly events: Pick<EventCommands, "find">;
  readonly reserve: Reserving;
  readonly buyOnce: ReturnType<typeof buyingOnce>;
  readonly locator: Pick<ReservationLocator, "locate">;
  readonly tokens: HoldTokens;
}

const tags = ["Earlier systems"];
const HOLD_TTL_SECONDS = 120;

const wish = z
  .strictObject({ event_id: z.string().toLowerCase(), qty: z.int().min(1) })
  .meta({ id: "HoldWish", examples: [{ event_id: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16", qty: 2 }] });

const hold = z.strictObject({
  hold_id: z.string(),
  expires_at: time,
  payment_token: z.string().meta({ description: "Proves that the hold is one's own" }),
});

const order = z.strictObject({ hold_id: z.string().toLowerCase(), payment_token: z.string().max(255) }).meta({
  id: "HoldOrder",
  examples: [
    {
      hold_id: "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11",
      payment_token: "bWFkZSBmb3IgdGhpcyBob2xkLCBhbmQgbm8gb3RoZXI",
    },
  ],
});

const ordered = z.strictObject({ booking_id: z.string() });

const OF_HOLDS = OF_RESERVING.filter((code) => code !== "event-not-found" && !isOfAdmission(code));

/**
 * `/holds` and `/book`: of a system that knew no accounts. Without a token the hold is a guest's who is made for it: an id
 * and nothing else, so there is no personal data to erase. The hold's token proves that it is theirs.
 */
export const holdRoutes =
  ({ events, reserve, buyOnce, locator, tokens }: HoldRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/holds",
      schema: {
        tags,
        summary: "Hold tickets of an event with one ticket type for two minutes; without a token, too",
        body: wish,
        response: { 201: hold },
      },
      config: { idempotent: true, problems: OF_RESERVING, statuses: badRequests(OF_HOLDS) },
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        const { event_id: eventId, qty: quantity } = request.body;
        const caller = request.caller ?? guestWith(randomUUID());
        const { ticketTypes } = await eventFor(events, eventId, caller);
        const [only, another] = ticketTypes;
        if (only === undefined || another !== undefined) {
          throw invalid("body", "/event_id", "takes an event with one ticket type");
        }
        const { ticketTypeId } = only;
        const wanted = { eventId, ticketTypeId, quantity, holdTtlSeconds: HOLD_TTL_SECONDS };
        const held = await reserve(request, caller, wanted);
        recordedAt(reply, held);
        reply.code(201);
        const { reservationId, expiresAt } = held.data;
        const token = tokens.tokenOf(reservationId, request.caller === null ? "guest" : "account");
        return { hold_id: reservationId, expires_at: expiresAt, payment_token: token };
      },
    });

    api.route({
      method: "POST",
      url: "/book",
      schema: {
        tags,
        summary: "Buy what is held; without a token, too",
        description:
          "Again: the same booking. What is free; what has a price is paid for by `sandbox-ok` where the provider is the " +
          "sandbox. A hold that was made with a token takes one of the same account here.",
        body: order,
        response: { 201: ordered },
      },
      config: {
        idempotent: true,
        problems: [...OF_BUYING, "token-missing"],
        statuses: badRequests(OF_STATE),
      },
      errorHandler: inEarlierWords,
      handler: async (request, reply) => {
        const { hold_id: reservationId, payment_token: token } = request.body;
        const found = isUuid(reservationId) ? await locator.locate(reservationId) : null;
        if (found === null) throw new Problem("reservation-not-found");
        const holder = tokens.holderBy(reservationId, token);
        if (holder === null) throw invalid("body", "/payment_token", "takes the one that came with the hold");
        const caller = holder === "guest" ? guestWith(found.accountId) : callerOf(request);
        const booking_id = await buyOnce(request, reply, caller, { route: "book", reservationId });
        reply.code(201);
        return { booking_id };
      },
    });
  };

const guestWith = (accountId: string): Caller => ({
  accountId,
  sessionId: null,
  apiKey: null,
  roles: ["customer"],
  guest: true,
});

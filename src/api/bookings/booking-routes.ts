import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Caller } from "../../accounts/caller.ts";
import type { BookingCommands, BookingOutcome } from "../../commands/bookings.ts";
import type { EventCommands } from "../../commands/events.ts";
import type { CommandContext } from "../../commands/outcome.ts";
import type { TicketCodes } from "../../commands/tickets.ts";
import type { Position } from "../../eventstore/port.ts";
import type { Clock } from "../../ports.ts";
import type { BookingProcess } from "../../processes/bookings.ts";
import type { Booking } from "../../projections/bookings/booking.ts";
import type { BookingQueries } from "../../projections/bookings/queries.ts";
import type { ReservationQueries } from "../../projections/reservations/queries.ts";
import type { AnsweredOnce } from "../conventions/answered-once.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import { idParam } from "../conventions/fields.ts";
import { listOf } from "../conventions/lists.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { within } from "../conventions/within.ts";
import { invalid, Problem, refusal } from "../problems/problem.ts";
import { reaches, reachOf } from "../security/reach.ts";
import { bookingBeforePurchase } from "./before-purchase.ts";
import { type BookingView, booking, bookingsQuery, cancellation, goodwill, quote, quoteWish } from "./schemas.ts";
import { bookingView } from "./view.ts";

export interface BookingRoutes {
  readonly commands: BookingCommands;
  readonly process: BookingProcess;
  readonly queries: Pick<BookingQueries, "get" | "listByAccount">;
  readonly events: Pick<EventCommands, "find">;
  readonly codeOf: TicketCodes;
  readonly reservations: Pick<ReservationQueries, "get">;
  readonly clock: Clock;
  readonly once: AnsweredOnce;
}

const tags = ["Bookings"];
const bookingPath = z.strictObject({ bookingId: idParam("booking-not-found") });
const OF_QUESTIONS = ["booking-not-found", "read-model-behind", "busy"] as const;
const OF_COMMANDS = [...OF_QUESTIONS, "outcome-unknown"] as const;
const OF_CANCELLING = [
  "booking-not-paid",
  "payment-in-progress",
  "ticket-not-found",
  "ticket-already-cancelled",
] as const;
/** Money and tickets are on their way back when the answer goes out; so long it waits for them to arrive. */
const WAIT_MS = 3_000;

/** What becomes of bookings after their purchase. */
export const bookingRoutes =
  ({ commands, process, queries, reservations, events, codeOf, clock, once }: BookingRoutes): RoutePlugin =>
  (api) => {
    /** A booking that the caller may do this to; another is as good as none. */
    const visible = async (bookingId: string, request: FastifyRequest, position: Position | null): Promise<Booking> => {
      const found = await queries.get(bookingId, { minPosition: position });
      if (found === null || !reaches(request, found.accountId)) throw new Problem("booking-not-found");
      return found;
    };

    /** The booking that a reservation became, or may become. */
    const beforeIt = async (
      reservationId: string,
      position: Position | null,
    ): Promise<Booking | BookingView | null> => {
      const held = await reservations.get(reservationId, { minPosition: position, nowMs: clock.nowMs() });
      if (held === null) return null;
      const bought = held.bookingId === null ? null : await queries.get(held.bookingId, { minPosition: position });
      return bought ?? bookingBeforePurchase(held);
    };

    /** What an organizer sees of a booking: the tickets of his own events. */
    const ofOrganizer = async (found: Booking, caller: Caller): Promise<Pick<Booking, "lines">> => {
      const { lines } = found;
      const organizers = new Map<string, string | null>();
      for (const { eventId } of lines) {
        if (organizers.has(eventId)) continue;
        const known = await events.find(eventId);
        organizers.set(eventId, known.status === "missing" ? null : known.organizerId);
      }
      const own = lines.filter(({ eventId }) => organizers.get(eventId) === caller.accountId);
      if (own.length > 0) return { lines: own };
      throw new Problem(found.accountId === caller.accountId ? "forbidden" : "booking-not-found");
    };

    /** The booking once what was recorded is in the read models, its tickets and its money on their way. */
    const afterwards = async (
      bookingId: string,
      context: CommandContext,
      outcome: Extract<BookingOutcome, { accepted: true }>,
      reply: Parameters<typeof recordedAt>[0],
      shown: Partial<Booking> = {},
    ) => {
      const driven = await within(WAIT_MS, process.drive(bookingId, context)).catch(() => null); // its timer goes on with it
      const position = driven !== null && driven.position > outcome.position ? driven.position : outcome.position;
      recordedAt(reply, { position, replayed: outcome.replayed });
      const found = await queries.get(bookingId, { minPosition: position });
      if (found === null) throw new Problem("booking-not-found");
      return bookingView({ ...found, ...shown }, codeOf);
    };

    api.route({
      method: "GET",
      url: "/bookings",
      schema: {
        tags,
        summary: "One's own, newest first",
        querystring: bookingsQuery,
        response: { 200: listOf(booking) },
      },
      config: { minPosition: true },
      handler: async (request) => {
        const { limit, cursor = null, status = null } = request.query;
        const at = { minPosition: minPosition(request) };
        const page = await queries.listByAccount(callerOf(request).accountId, { status, cursor, limit }, at);
        return { items: page.items.map((one) => bookingView(one, codeOf)), next: page.next };
      },
    });

    api.route({
      method: "GET",
      url: "/bookings/:id",
      schema: {
        tags,
        summary: "One of one's own, with its tickets",
        description: "A reservation's id is that of the booking it was bought by or, until it is, may become.",
        params: z.strictObject({ id: idParam("booking-not-found") }),
        response: { 200: booking },
      },
      config: { etag: true, minPosition: true, problems: ["booking-not-found", "busy"] },
      handler: async (request) => {
        const { id } = request.params;
        const position = minPosition(request);
        const found = (await queries.get(id, { minPosition: position })) ?? (await beforeIt(id, position));
        if (found === null || !reaches(request, found.accountId)) throw new Problem("booking-not-found");
        return "cartId" in found ? bookingView(found, codeOf) : found;
      },
    });

    api.route({
      method: "POST",
      url: "/bookings/:bookingId/refund-quote",
      schema: {
        tags,
        summary: "What cancelling would give back now",
        params: bookingPath,
        body: quoteWish,
        response: { 200: quote },
      },
      config: { idempotent: true, outsideTheLog: true, problems: [...OF_QUESTIONS, ...OF_CANCELLING] },
      handler: (request, reply) =>
        once(request, reply, async () => {
          const { bookingId } = request.params;
          await visible(bookingId, request, null);
          const quoted = await commands.quote(bookingId, request.body?.ticketIds ?? null);
          if (!quoted.accepted) throw refusal(quoted);
          const { tickets, total, validUntil } = quoted;
          return { status: 200, body: { tickets: [...tickets], total, validUntil } };
        }),
    });

    api.route({
      method: "POST",
      url: "/bookings/:bookingId/cancel",
      schema: {
        tags,
        summary: "Cancel it, whole or ticket by ticket",
        description:
          "Gives back what the event's policy said when the tickets were bought; all of it for a cancelled event. An open " +
          "booking is cancelled with nothing charged.",
        params: bookingPath,
        body: cancellation,
        response: { 200: booking },
      },
      config: { idempotent: true, problems: [...OF_COMMANDS, ...OF_CANCELLING, "refund-changed"] },
      handler: async (request, reply) => {
        const { bookingId } = request.params;
        const { ticketIds = null, expectedTotal } = request.body ?? {};
        const found = await visible(bookingId, request, null);
        requireCurrency(expectedTotal, found, "/expectedTotal/currency");
        const isOwn = found.accountId === callerOf(request).accountId;
        const context = commandContext(request, isOwn ? undefined : "admin");
        const outcome = await commands.cancel(bookingId, ticketIds, expectedTotal?.amount ?? null, context);
        if (!outcome.accepted) throw refusal(outcome);
        return afterwards(bookingId, context, outcome, reply);
      },
    });

    api.route({
      method: "POST",
      url: "/bookings/:bookingId/refunds",
      schema: {
        tags,
        summary: "Give money back beyond the policy, as the organizer",
        params: bookingPath,
        body: goodwill,
        response: { 201: booking },
      },
      config: {
        idempotent: true,
        problems: [...OF_COMMANDS, "forbidden", "booking-not-paid", "refund-exceeds-payment"],
      },
      handler: async (request, reply) => {
        const { bookingId } = request.params;
        const { amount } = request.body;
        const caller = callerOf(request);
        const found = await queries.get(bookingId, { minPosition: null });
        if (found === null) throw new Problem("booking-not-found");
        const role = reachOf(request, null); // whoever's the events are
        const shown = role === null ? await ofOrganizer(found, caller) : { lines: found.lines };
        requireCurrency(amount, found, "/amount/currency");
        const context = commandContext(request, role ?? "organizer");
        const by = role === null ? caller.accountId : undefined;
        const outcome = await commands.refund(bookingId, amount.amount, context, by);
        if (!outcome.accepted) throw refusal(outcome);
        reply.code(201).header("location", `/bookings/${bookingId}`);
        return afterwards(bookingId, context, outcome, reply, found.accountId === caller.accountId ? {} : shown);
      },
    });
  };

function requireCurrency(amount: { readonly currency: string } | undefined, { total }: Booking, path: string): void {
  if (amount !== undefined && amount.currency !== total.currency) {
    throw invalid("body", path, `takes ${total.currency}, the currency of the booking`);
  }
}

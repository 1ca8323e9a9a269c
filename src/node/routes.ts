import { analyticsRoutes } from "../api/analytics/routes.ts";
import { headRoutes } from "../api/audit/head-routes.ts";
import { auditRoutes } from "../api/audit/routes.ts";
import { verificationRoutes } from "../api/audit/verification-routes.ts";
import { bookingRoutes } from "../api/bookings/booking-routes.ts";
import { purchaseRoutes } from "../api/bookings/purchase-routes.ts";
import { resendRoutes } from "../api/bookings/resend-routes.ts";
import { cartRoutes } from "../api/carts/routes.ts";
import { answeredOnce } from "../api/conventions/answered-once.ts";
import type { RoutePlugin } from "../api/conventions/route-config.ts";
import { availabilityStreamRoutes } from "../api/events/availability-stream-routes.ts";
import { soldRoutes } from "../api/events/bookings-routes.ts";
import { cancellationRoutes } from "../api/events/cancellation-routes.ts";
import { proofRoutes } from "../api/events/proof-routes.ts";
import { routesOfEvents } from "../api/events/routes.ts";
import { searchRoutes } from "../api/events/search-routes.ts";
import { seatRoutes } from "../api/events/seat-routes.ts";
import { seatStreamRoutes } from "../api/events/seat-stream-routes.ts";
import { historyRoutes } from "../api/history/routes.ts";
import { legacyRoutes } from "../api/legacy/routes.ts";
import { paymentRoutes } from "../api/payments/routes.ts";
import { reservationRoutes } from "../api/reservations/routes.ts";
import { streamPlaces } from "../api/streams/limits.ts";
import { entryLimits } from "../api/waiting-room/entry-limits.ts";
import { waitingRoomRoutes } from "../api/waiting-room/routes.ts";
import { waitlistRoutes } from "../api/waitlist/routes.ts";
import { logLinesInThread } from "../audit/export/log-lines-in-thread.ts";
import { headQueries } from "../audit/heads/table.ts";
import { eventProofs } from "../audit/proof.ts";
import { auditTrail } from "../audit/trail.ts";
import { verificationsIn } from "../audit/verification/table.ts";
import { processContext } from "../commands/aggregate.ts";
import { postgresKeptAnswers } from "../commands/kept-answers.ts";
import type { Config } from "../config.ts";
import type { LogAddress } from "../eventstore/open.ts";
import { resendTickets } from "../notices/resending.ts";
import type { Foundation } from "./foundation.ts";
import type { HotReads } from "./hot-reads.ts";
import type { ReadModels } from "./read-models.ts";
import type { Sales } from "./sales.ts";

/** Every route beside accounts, health and documentation. */
export function routesOf(
  { pool, store, clock, surroundings, head, log }: Foundation,
  models: ReadModels,
  hot: HotReads,
  { commands, bookingProcess, cancelling, provider, codeOf, locator, holdTokens, usedKeys, waiting }: Sales,
  settings: Pick<Config, "holdTtlSeconds" | "rateLimitPerMinute"> & LogAddress,
): readonly RoutePlugin[] {
  const { holdTtlSeconds: defaultHoldTtlSeconds, rateLimitPerMinute, databaseUrl, eventStoreUrl } = settings;
  const { reservations, bookings, events: details, history } = models;
  const { events, purchases, bookingCommands } = commands;
  const { admissions } = waiting;
  const seatReads = {
    commands: events,
    hot: hot.events,
    seats: hot.seats,
    admissions,
    readingClock: clock.guessing,
    head,
  };
  const once = answeredOnce(postgresKeptAnswers(pool, clock));
  const trail = auditTrail({ pool, store, trail: models.trail });
  return [
    routesOfEvents({
      commands: events,
      details,
      hot: hot.events,
      clock,
      readingClock: clock.guessing,
      head,
      defaultHoldTtlSeconds,
    }),
    availabilityStreamRoutes({
      limits: streamPlaces(rateLimitPerMinute),
      commands: events,
      hot: hot.events,
      changes: hot.changes,
      readingClock: clock.guessing,
      head,
      log,
    }),
    seatRoutes(seatReads),
    seatStreamRoutes({ ...seatReads, changes: hot.changes, log, limits: streamPlaces(rateLimitPerMinute) }),
    searchRoutes({ search: models.search, clock }),
    cancellationRoutes({ commands: events, cancellations: cancelling.cancellations }),
    reservationRoutes({ commands: commands.reservations, events, queries: reservations, admissions, clock }),
    cartRoutes({ commands: commands.carts, events, queries: models.carts, admissions, clock }),
    purchaseRoutes({ purchases, process: bookingProcess, provider, reservations, codeOf, clock, head }),
    bookingRoutes({
      commands: bookingCommands,
      process: bookingProcess,
      queries: bookings,
      reservations,
      events,
      codeOf,
      clock,
      once,
    }),
    legacyRoutes({
      commands: commands.reservations,
      events,
      admissions,
      purchases,
      process: bookingProcess,
      provider,
      reservations,
      locator,
      tokens: holdTokens,
      keys: usedKeys,
      clock,
      head,
    }),
    resendRoutes({
      process: bookingProcess,
      resend: async (bookingId, keyHash) =>
        resendTickets({ pool, clock }, { bookingId, keyHash, position: await head() }),
      once,
    }),
    soldRoutes({ events, sold: models.sold, details, codeOf, clock }),
    historyRoutes({ history, bookings }),
    auditRoutes({
      trail,
      exporting: { store, trail: models.trail, logLines: logLinesInThread({ databaseUrl, eventStoreUrl }) },
      events,
      details,
    }),
    verificationRoutes({ verifications: verificationsIn(pool), clock, once }),
    proofRoutes({ events, proofs: eventProofs({ trail, heads: headQueries(pool) }) }),
    headRoutes({ heads: headQueries(pool) }),
    waitlistRoutes({
      commands: commands.waitlist,
      events,
      queries: models.waitlist,
      admissions: waiting.admissions,
      clock,
    }),
    analyticsRoutes({ analytics: models.analytics, events, details, clock }),
    waitingRoomRoutes({
      ...waiting,
      commands: commands.waitingRooms,
      events,
      limits: entryLimits(rateLimitPerMinute > 0),
      clock,
      once,
    }),
    paymentRoutes({
      provider,
      onNews: ({ bookingId }) => bookingProcess.drive(bookingId, processContext("webhook", surroundings.newId)),
    }),
  ];
}

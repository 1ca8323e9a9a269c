import { analyticsQueries } from "../projections/analytics/queries.ts";
import { bookingQueries } from "../projections/bookings/queries.ts";
import { soldQueries } from "../projections/bookings/sold.ts";
import { cartQueries } from "../projections/carts/queries.ts";
import type { ReadSide } from "../projections/database.ts";
import { eventDetailsQueries } from "../projections/event-details/queries.ts";
import { historyQueries } from "../projections/history/queries.ts";
import { reservationQueries } from "../projections/reservations/queries.ts";
import { searchQueries } from "../projections/search/queries.ts";
import { seatQueries } from "../projections/seats/queries.ts";
import { trailQueries } from "../projections/trail/queries.ts";
import { waitlistQueries } from "../projections/waitlist/queries.ts";

export type ReadModels = ReturnType<typeof readModels>;

/** The queries of every read model. */
export const readModels = (reading: ReadSide) => ({
  events: eventDetailsQueries(reading),
  reservations: reservationQueries(reading),
  carts: cartQueries(reading),
  bookings: bookingQueries(reading),
  sold: soldQueries(reading),
  waitlist: waitlistQueries(reading),
  history: historyQueries(reading),
  search: searchQueries(reading),
  seats: seatQueries(reading),
  trail: trailQueries(reading),
  analytics: analyticsQueries(reading),
});

import { availability } from "./availability/projector.ts";
import { bookings } from "./bookings/projector.ts";
import { carts } from "./carts/projector.ts";
import { eventDetails } from "./event-details/projector.ts";
import { history } from "./history/projector.ts";
import type { Projection } from "./projection.ts";
import { reservations } from "./reservations/projector.ts";
import { search } from "./search/projector.ts";
import { timers } from "./timers/projector.ts";
import { waitlist } from "./waitlist/projector.ts";

/** Everything that is projected. */
export const READ_MODELS: readonly Projection[] = [
  eventDetails,
  availability,
  reservations,
  bookings,
  carts,
  waitlist,
  history,
  search,
  timers,
];

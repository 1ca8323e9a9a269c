import { analytics } from "./analytics/projector.ts";
import { availability } from "./availability/projector.ts";
import { bookings } from "./bookings/projector.ts";
import { carts } from "./carts/projector.ts";
import { eventDetails } from "./event-details/projector.ts";
import { history } from "./history/projector.ts";
import type { Projection } from "./projection.ts";
import { reservations } from "./reservations/projector.ts";
import { search } from "./search/projector.ts";
import { seats } from "./seats/projector.ts";
import { timers } from "./timers/projector.ts";
import { trail } from "./trail/projector.ts";
import { waitingRooms } from "./waiting-rooms/projector.ts";
import { waitlist } from "./waitlist/projector.ts";

/** What somebody waits for who has just written: projected at once. */
export const PROMPT_MODELS: readonly Projection[] = [
  eventDetails,
  availability,
  reservations,
  bookings,
  carts,
  waitlist,
  history,
  search,
  seats,
  timers,
  waitingRooms,
];

/** What may come later, while there is a rush: a row or more an event cost as much as all the others together. */
export const PATIENT_MODELS: readonly Projection[] = [trail, analytics];

/** Everything that is projected. */
export const READ_MODELS: readonly Projection[] = [...PROMPT_MODELS, ...PATIENT_MODELS];

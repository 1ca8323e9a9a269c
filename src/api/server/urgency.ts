/**
 * How long a request is let in while more come than can be served.
 *
 * - `always`: health; a supervisor that can't ask would end what only has much to do. Metrics, to see that it is so
 * - `last`: what frees tickets, or finishes what was begun: it makes room, and whoever pays has waited longest
 * - `reads`, `writes`: the others; apart, so that reads go on while the store lets writes wait
 */
export type Urgency = "always" | "last" | "reads" | "writes";

const HEALTH = "/health/";
const METRICS = "/metrics";
/** With the routes of earlier systems. */
const FINISHING_POST =
  /^\/(?:payments\/webhook|purchases|book|ticket\/confirmReservation|bookings\/[^/]+(?:\/cancel)?)(?:\?|$)/;
const FREEING_DELETE = /^\/(?:reservations|cart|waitlist)(?:[/?]|$)/;

/** By method and address alone: it is asked before anything else is known of a request. */
export function urgencyOf(method: string, url: string): Urgency {
  if (method === "GET" || method === "HEAD") return isAlwaysLetIn(url) ? "always" : "reads";
  if (method === "POST") return FINISHING_POST.test(url) ? "last" : "writes";
  return method === "DELETE" && FREEING_DELETE.test(url) ? "last" : "writes";
}

export const isAlwaysLetIn = (url: string): boolean => url.startsWith(HEALTH) || url === METRICS;

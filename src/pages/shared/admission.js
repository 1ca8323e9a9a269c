/**
 * What the waiting room gave: kept for the page where tickets are bought, until it is over.
 *
 * @typedef {{ token: string, expiresAt: string }} Admission
 */

/** @param {string} eventId */
const placeOf = (eventId) => `boxoffice.admission.${eventId}`;

/**
 * @param {import("./session.js").Keeper} [storage]
 * @param {() => number} [nowMs]
 */
export function createAdmissions(storage = localStorage, nowMs = Date.now) {
  return {
    /** @param {string} eventId @returns {Admission | null} */
    of(eventId) {
      const kept = /** @type {Admission | null} */ (JSON.parse(storage.getItem(placeOf(eventId)) ?? "null"));
      return kept !== null && Date.parse(kept.expiresAt) > nowMs() ? kept : null;
    },
    /** @param {string} eventId @param {Admission} admission */
    keep: (eventId, admission) => storage.setItem(placeOf(eventId), JSON.stringify(admission)),
    /** @param {string} eventId */
    forget: (eventId) => storage.removeItem(placeOf(eventId)),
  };
}

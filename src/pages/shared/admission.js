/**
 * What the waiting room of an event gave, kept until it is over: the entry is a place in the line, and there is nothing
 * else of it anywhere; the admission is what the page where tickets are bought shows.
 *
 * @import { Keeper } from "./session.js"
 *
 * @typedef {object} Entry
 * @property {string} token
 * @property {string} accountId whose it is
 * @property {number} second of arrival
 * @property {number} round of the room
 *
 * @typedef {{ token: string, expiresAt: string }} Admission
 */

/**
 * @param {string} eventId
 * @param {Keeper} [storage]
 * @param {() => number} [nowMs]
 */
export function createLine(eventId, storage = localStorage, nowMs = Date.now) {
  /** @param {string} name */
  const place = (name) => `boxoffice.${name}.${eventId}`;
  /** @param {string} name */
  const read = (name) => {
    try {
      return JSON.parse(storage.getItem(place(name)) ?? "null");
    } catch {
      return null; // something else has written there
    }
  };
  /** @param {string} name @param {object} value */
  const keep = (name, value) => storage.setItem(place(name), JSON.stringify(value));
  return {
    /** @param {string} accountId who asks @returns {Entry | null} */
    entryOf(accountId) {
      /** @type {Entry | null} */
      const entry = read("entry");
      return entry?.accountId === accountId ? entry : null;
    },
    /** @param {Entry} entry */
    keepEntry: (entry) => keep("entry", entry),
    forgetEntry: () => storage.removeItem(place("entry")),
    /** @returns {Admission | null} */
    admission() {
      /** @type {Admission | null} */
      const admission = read("admission");
      return admission !== null && Date.parse(admission.expiresAt) > nowMs() ? admission : null;
    },
    /** @param {Admission} admission */
    keepAdmission: (admission) => keep("admission", admission),
    forgetAdmission: () => storage.removeItem(place("admission")),
    /**
     * What the draw of a round was committed to when this browser saw it for the first time.
     * @param {number} round
     * @param {string} commitment as it is shown now
     * @returns {string}
     */
    committed(round, commitment) {
      const first = read(`committed.${round}`);
      if (typeof first === "string") return first;
      storage.setItem(place(`committed.${round}`), JSON.stringify(commitment));
      return commitment;
    },
  };
}

/** @typedef {ReturnType<typeof createLine>} Line */

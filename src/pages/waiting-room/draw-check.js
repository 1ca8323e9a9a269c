/**
 * A draw done again in the browser, from what was published. `npm run verify-draw` does the same without this page.
 *
 * @typedef {object} Room what `GET /events/{eventId}/waiting-room` answers
 * @property {"CLOSED" | "BEFORE_OPENING" | "OPEN" | "PAUSED"} state
 * @property {number | null} round
 * @property {string | null} opensAt
 * @property {number | null} admitPerMinute
 * @property {{ name: string, share: number, codeNeeded: boolean }[]} classes
 * @property {{ source: string, value: string | null } | null} beacon
 * @property {string | null} commitment
 * @property {string} [seed]
 */

/** Lots are from 0 to below it. */
export const LOTS = 2 ** 28;

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
const bytes = (text) => /** @type {Uint8Array<ArrayBuffer>} */ (new TextEncoder().encode(text));

/**
 * Whether the seed that is shown now is the one that the room was committed to before.
 * @param {Room} room
 * @returns {Promise<boolean | null>} null: no seed is shown yet, or this browser can't tell (without TLS)
 */
export async function seedFits({ seed, beacon, commitment }) {
  if (seed === undefined || globalThis.crypto.subtle === undefined) return null;
  const committed = bytes(beacon === null ? seed : `${seed} ${beacon.source}`);
  const hash = await crypto.subtle.digest("SHA-256", committed);
  return hexadecimal(hash) === commitment;
}

/**
 * The lot of somebody who came before the opening.
 * @param {Room} room
 * @param {string} accountId
 * @returns {Promise<number | null>} null: it can't be told yet, or not by this browser
 */
export async function lotOf({ seed, beacon }, accountId) {
  if (seed === undefined || beacon?.value === null || globalThis.crypto.subtle === undefined) return null;
  const secret = bytes(beacon === null ? seed : `${seed} ${beacon.value}`);
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, bytes(accountId));
  return new DataView(signed).getUint32(0) % LOTS;
}

/** @param {ArrayBuffer} buffer */
const hexadecimal = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

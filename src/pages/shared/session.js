/**
 * Who is signed in here. It outlives the tab, so that nobody loses a place in a line by closing it; it is given up by
 * signing out, and when it has expired.
 *
 * @typedef {object} Session
 * @property {string} token
 * @property {string} accountId
 * @property {string} expiresAt RFC 3339
 * @property {string} name how the page calls them
 */

const PLACE = "boxoffice.session";

/** What of a browser's storage is used, so that specs can do without a browser. @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Keeper */

/**
 * @param {Keeper} [storage]
 * @param {() => number} [nowMs]
 */
export function createSessions(storage = localStorage, nowMs = Date.now) {
  return {
    /** @returns {Session | null} */
    current() {
      const session = parsed(storage.getItem(PLACE));
      return session !== null && Date.parse(session.expiresAt) > nowMs() ? session : null;
    },
    /** @param {Session} session */
    keep: (session) => storage.setItem(PLACE, JSON.stringify(session)),
    forget: () => storage.removeItem(PLACE),
  };
}

/** @typedef {ReturnType<typeof createSessions>} Sessions */

/**
 * @param {string | null} text
 * @returns {Session | null}
 */
function parsed(text) {
  try {
    const { token, accountId, expiresAt, name } = JSON.parse(text ?? "null") ?? {};
    return typeof token === "string" && typeof expiresAt === "string" ? { token, accountId, expiresAt, name } : null;
  } catch {
    return null; // something else has written there
  }
}

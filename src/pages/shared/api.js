/**
 * The API as pages call it: with the token of who is signed in, reading what they have just written, and once more where
 * that can do no harm.
 *
 * @import { Sessions } from "./session.js"
 *
 * @typedef {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} Method
 *
 * @typedef {object} Options
 * @property {unknown} [body]
 * @property {string} [key] an `Idempotency-Key`: the same wish, however often it is sent
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/** An answer that is a problem (RFC 9457), or none: then the code is `unreachable`. */
export class Refused extends Error {
  /**
   * @param {string} code of `/problems`
   * @param {string} detail for people
   * @param {Readonly<Record<string, unknown>>} members of the problem, e.g. `seats` of `seat-taken`
   * @param {number | null} retryAfterSeconds
   */
  constructor(code, detail, members = {}, retryAfterSeconds = null) {
    super(detail);
    this.code = code;
    this.members = members;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Of a token that is of no use any more: who has it signs in again. */
const ENDED = new Set(["token-missing", "token-invalid", "token-expired", "session-ended"]);
const ATTEMPTS = 4;
/** `Date` tells seconds, and replies take a while: clocks that are no further apart are the same. */
const ALIKE_MS = 3_000;
const PAUSE_MS = 500;
const MOST_PAUSE_MS = 5_000;

/** Where the API is: pages are at its `/pages/`, whatever a proxy has before it. */
export const API_ROOT = new URL("../../", import.meta.url);

/**
 * @param {object} dependencies
 * @param {Sessions} dependencies.sessions
 * @param {URL} [dependencies.root]
 * @param {typeof fetch} [dependencies.send]
 * @param {() => void} [dependencies.onSignedOut] a token was refused; it is forgotten by then
 */
export function createApi({ sessions, root = API_ROOT, send = fetch.bind(globalThis), onSignedOut = () => {} }) {
  /** Of the last thing written here: what is read after it is told of it. @type {string | null} */
  let position = null;
  /** How far the server's clock is before this machine's, which may be wrong by hours. */
  let aheadMs = 0;

  /**
   * @param {Method} method
   * @param {string} path with a slash at its beginning
   * @param {Options} options
   */
  async function fetchOnce(method, path, { body, key, headers = {}, signal }) {
    const session = sessions.current();
    const reply = await send(new URL(path.slice(1), root), {
      method,
      headers: {
        ...(session !== null && { authorization: `Bearer ${session.token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
        ...(method === "GET" && position !== null && { "boxoffice-min-position": position }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    position = reply.headers.get("boxoffice-position") ?? position;
    const date = Date.parse(reply.headers.get("date") ?? "");
    if (!Number.isNaN(date)) aheadMs = Math.abs(date - Date.now()) < ALIKE_MS ? 0 : date - Date.now();
    return reply;
  }

  /**
   * Sends it, and again if nothing can have come of it, or the same can: reads, and commands with a key.
   * @param {Method} method
   * @param {string} path
   * @param {Options} options
   * @returns {Promise<Response>} a success
   * @throws {Refused}
   */
  async function call(method, path, options) {
    const mayRepeat = method === "GET" || method === "DELETE" || options.key !== undefined;
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === ATTEMPTS || !mayRepeat;
      /** @type {Refused} */
      let refused;
      try {
        const reply = await fetchOnce(method, path, options);
        if (reply.ok) return reply;
        refused = await refusalOf(reply);
        if (reply.status !== 503 || last) throw refused;
      } catch (error) {
        if (error instanceof Refused || options.signal?.aborted) throw saidOfToken(error);
        refused = new Refused("unreachable", "That did not get through. Is there a connection?");
        if (last) throw refused;
      }
      const pauseMs = refused.retryAfterSeconds === null ? PAUSE_MS * attempt : refused.retryAfterSeconds * 1_000;
      await new Promise((done) => setTimeout(done, Math.min(pauseMs, MOST_PAUSE_MS)));
    }
  }

  /** @param {unknown} error */
  function saidOfToken(error) {
    if (error instanceof Refused && ENDED.has(error.code) && sessions.current() !== null) {
      sessions.forget();
      onSignedOut();
    }
    return error;
  }

  /**
   * What it answers, parsed; undefined where it answers nothing.
   * @param {Method} method
   * @param {string} path
   * @param {Options} [options]
   * @returns {Promise<any>}
   */
  async function ask(method, path, options = {}) {
    const reply = await call(method, path, options);
    return reply.status === 204 ? undefined : reply.json();
  }

  return {
    ask,
    /** The server's time, by a second. */
    nowMs: () => Date.now() + aheadMs,
    /** @param {string} path @param {Omit<Options, "body" | "key">} [options] */
    get: (path, options) => ask("GET", path, options),
    /** The reply itself, e.g. a stream. @param {string} path @param {Omit<Options, "body" | "key">} [options] */
    open: (path, options = {}) => call("GET", path, options),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** For `key`: a wish that nobody has had. Unlike `crypto.randomUUID` it is there without TLS, too. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * @param {Response} reply
 * @returns {Promise<Refused>}
 */
async function refusalOf(reply) {
  const after = Number(reply.headers.get("retry-after") ?? Number.NaN);
  const problem = await reply.json().catch(() => ({}));
  const { code = `status-${reply.status}`, detail, title, errors } = problem;
  const said = Array.isArray(errors) ? errors.map((one) => `${one.path} ${one.message}`).join("; ") : detail;
  return new Refused(code, said ?? title ?? "That is not possible now.", problem, Number.isNaN(after) ? null : after);
}

/**
 * @import { Api } from "./api.js"
 *
 * @typedef {object} ServerEvent
 * @property {string} name `message` unless it says otherwise
 * @property {string} id
 * @property {string} data
 */

const COME_BACK_MS = 2_000;

/**
 * Reads server-sent events by `fetch`, which sends headers, and goes on from the last one after the connection was lost
 * (WHATWG HTML, 9.2). Ends with `signal`, with `event: end`, and with 204.
 * @param {Api} api
 * @param {string} path
 * @param {object} options
 * @param {string | null} options.lastId what is known already
 * @param {Record<string, string>} [options.headers]
 * @param {AbortSignal} options.signal
 * @param {(event: ServerEvent) => void} options.onEvent
 * @param {(isOn: boolean) => void} [options.onConnection] whether it is told what is new just now
 * @throws {import("./api.js").Refused} one that trying again does not mend
 */
export async function followEvents(api, path, { lastId, headers = {}, signal, onEvent, onConnection = () => {} }) {
  let known = lastId;
  let comeBackMs = COME_BACK_MS;
  while (!signal.aborted) {
    try {
      const last = known === null ? {} : { "last-event-id": known };
      const reply = await api.open(path, { signal, headers: { ...headers, ...last } });
      if (reply.status === 204 || reply.body === null) return;
      onConnection(true);
      let ended = false;
      const parse = eventParser(
        (event) => {
          if (event.id !== "") known = event.id;
          onEvent(event);
          if (event.name === "end") ended = true;
        },
        (ms) => {
          comeBackMs = ms;
        },
      );
      for await (const text of textOf(reply.body)) parse(text);
      if (ended) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
    }
    onConnection(false);
    await new Promise((done) => setTimeout(done, comeBackMs));
  }
}

/** @param {unknown} error */
const isPassing = (error) =>
  !(error instanceof Error && "code" in error) ||
  ["unreachable", "busy", "unavailable", "read-model-behind", "rate-limited"].includes(String(error.code));

/** @param {ReadableStream<Uint8Array>} body */
async function* textOf(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield/** @type {string} */ (value);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/**
 * Takes the text of a stream in whatever pieces it comes.
 * @param {(event: ServerEvent) => void} onEvent
 * @param {(ms: number) => void} [onRetry]
 * @returns {(text: string) => void}
 */
export function eventParser(onEvent, onRetry = () => {}) {
  let rest = "";
  let event = { name: "message", id: "", data: "" };
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (event.data !== "") onEvent({ ...event, data: event.data.slice(0, -1) });
        event = { name: "message", id: "", data: "" };
        continue;
      }
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line.replace(/\r$/, "")) ?? [];
      if (field === "data") event.data += `${value}\n`;
      else if (field === "event") event.name = value;
      else if (field === "id") event.id = value;
      else if (field === "retry" && /^\d+$/.test(value)) onRetry(Number(value));
    }
  };
}

/**
 * How many tickets there are now, as buyers are told.
 *
 * @import { Api } from "../shared/api.js"
 */
import { element } from "../shared/elements.js";
import { followEvents } from "../shared/server-events.js";

/** Those who hear the page are told now and then, not of each ticket. */
const TOLD_EVERY_MS = 10_000;
const whole = new Intl.NumberFormat();

/**
 * @param {object} options
 * @param {Api} options.api
 * @param {string} options.eventId
 * @param {(ticketTypeId: string) => string} options.nameOf
 * @param {AbortSignal} options.signal ends it
 * @returns {HTMLElement}
 */
export function livePanel({ api, eventId, nameOf, signal }) {
  const state = element("span", { className: "quiet" });
  const list = element("dl", { className: "totals" });
  const heard = element("p", { className: "heard", role: "status" });
  let toldMs = Number.NEGATIVE_INFINITY;
  /** @param {any} availability */
  const show = ({ ticketTypes }) => {
    list.replaceChildren(
      ...ticketTypes.map((/** @type {any} */ one) =>
        element(
          "div",
          {},
          element("dt", {}, `${nameOf(one.ticketTypeId)}: left of ${whole.format(one.total)}`),
          element("dd", {}, whole.format(one.available)),
        ),
      ),
    );
    if (performance.now() - toldMs < TOLD_EVERY_MS) return;
    toldMs = performance.now();
    heard.textContent = ticketTypes
      .map((/** @type {any} */ one) => `${nameOf(one.ticketTypeId)}: ${one.available} left`)
      .join(", ");
  };
  void followEvents(api, `/events/${encodeURIComponent(eventId)}/availability/stream`, {
    lastId: null,
    signal,
    onEvent: ({ name, data }) => {
      if (name !== "end") show(JSON.parse(data));
    },
    onConnection(isOn) {
      state.textContent = isOn ? " live" : " not connected";
    },
  }).catch((error) => {
    state.textContent = ` ${error instanceof Error ? error.message : "not to be had"}`;
  });
  return element(
    "section",
    { className: "panel wide", ariaLabel: "Availability now" },
    element("h2", {}, "Availability now", state),
    list,
    heard,
  );
}

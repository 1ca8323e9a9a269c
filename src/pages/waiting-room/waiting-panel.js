/**
 * What somebody sees who stands in line.
 *
 * @import { Room } from "./draw-check.js"
 *
 * @typedef {object} Place what `GET .../waiting-room/place` answers
 * @property {number | null} place
 * @property {number | null} estimatedWaitSeconds
 * @property {"AVAILABLE" | "HELD" | "SOLD_OUT" | "OVER"} tickets
 * @property {number} [askAgainSeconds]
 * @property {string} [admissionToken]
 * @property {string} [expiresAt]
 */
import { button, element } from "../shared/elements.js";
import { saidCountdown, saidWait } from "../shared/said.js";

const OF_TICKETS = {
  AVAILABLE: "",
  HELD: "All tickets are in somebody's hands just now. Some may come back: you keep your place.",
  SOLD_OUT: "All tickets are sold. Should some come back, whoever still waits is called.",
  OVER: "There are no tickets to be had any more. Thank you for waiting.",
};

/**
 * @param {object} options
 * @param {() => number} options.nowMs the server's
 * @param {() => void} options.onLeave
 */
export function waitingPanel({ nowMs, onLeave }) {
  const title = element("h2", { tabIndex: -1 }, "You are in the line");
  const figure = element("p", { className: "figure" });
  const wait = element("p", {});
  const progress = element("progress", { max: 1, value: 0, ariaLabel: "How far you have come" });
  const tickets = element("p", { role: "alert" });
  const told = element("p", { role: "status", className: "heard" });
  const trouble = element("p", { role: "status", className: "wrong" });
  const kept = element(
    "p",
    { className: "quiet" },
    "The page brings you in when it is your turn. Your place is kept in this browser if you close it, but come back in time: who is called and is not here may find the tickets gone.",
  );
  /** The first place that was seen. @type {number | null} */
  let first = null;
  /** @type {number | null} */
  let opensAtMs = null;

  /** Says it once to who listens, and to who looks. @param {HTMLElement} where @param {string} text */
  const say = (where, text) => {
    if (where.textContent !== text) where.textContent = text;
  };

  return {
    content: [title, figure, progress, wait, tickets, trouble, told, kept, button("Leave the line", onLeave)],
    /** @param {string} text what went wrong; "" when it works again */
    trouble: (text) => say(trouble, text),
    /** Once a second. */
    tick() {
      if (opensAtMs !== null) say(figure, saidCountdown((opensAtMs - nowMs()) / 1_000));
    },
    /** @param {Room} room @param {Place} place */
    show({ state, opensAt }, { place, estimatedWaitSeconds, tickets: left }) {
      const isBefore = state === "BEFORE_OPENING";
      opensAtMs = isBefore ? Date.parse(opensAt ?? "") : null;
      progress.hidden = place === null || left === "OVER";
      say(tickets, OF_TICKETS[left]);
      if (left === "OVER") {
        for (const part of [figure, wait, kept]) part.hidden = true;
        say(title, "The sale is over");
        say(told, "");
        return;
      }
      if (place === null) {
        say(title, isBefore ? "You are in. It opens in" : "You are in the line");
        if (isBefore) this.tick();
        else say(figure, "…");
        say(
          wait,
          isBefore
            ? "Then lots decide who comes first; it makes no difference when you came."
            : "Your place is being told in a moment.",
        );
        say(told, isBefore ? "You are in the line. It has not opened yet." : "");
        return;
      }
      first ??= place;
      progress.value = first === 0 ? 1 : 1 - place / first;
      say(title, "Your place in the line");
      say(figure, place.toLocaleString());
      say(wait, saidEstimate(state, left, estimatedWaitSeconds));
      say(told, `Place ${place.toLocaleString()}. ${wait.textContent}`);
    },
  };
}

/** @param {Room["state"]} state @param {Place["tickets"]} left @param {number | null} seconds */
function saidEstimate(state, left, seconds) {
  if (state === "PAUSED") return "The organizer has paused the line. It goes on from where it is.";
  if (left !== "AVAILABLE" || seconds === null) return "";
  return `It takes ${saidWait(seconds)} until it is your turn.`;
}

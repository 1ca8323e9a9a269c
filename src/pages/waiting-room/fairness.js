/**
 * Why nobody can have chosen who comes first, and how to check that.
 *
 * @import { Entry, Line } from "../shared/admission.js"
 * @import { Room } from "./draw-check.js"
 */
import { API_ROOT } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { LOTS, lotOf, seedFits } from "./draw-check.js";

/**
 * @param {Room} room
 * @param {{ eventId: string, entry: Entry | null, line: Line }} reader
 * @returns {Promise<readonly Node[]>}
 */
export async function fairness(room, { eventId, entry, line }) {
  if (room.commitment === null || room.round === null) return [];
  const committed = line.committed(room.round, room.commitment);
  const beginning = [
    element(
      "p",
      {},
      "All who are here before the opening have the same chance: lots decide who comes first. Who comes later stands behind them.",
    ),
    element(
      "p",
      {},
      "The seed of the draw was fixed before anybody came. This is its SHA-256, so that it can't be changed:",
    ),
    code(committed),
  ];
  if (room.seed === undefined) {
    const source = room.beacon?.source;
    return [
      ...beginning,
      source === undefined ? null : element("p", {}, `It will be mixed with what nobody knows yet: ${source}.`),
      element(
        "p",
        { className: "quiet" },
        "The seed is shown here when the draw is made. This browser remembers the line above.",
      ),
    ].filter((part) => part !== null);
  }

  const fits = await seedFits(room);
  const isSame = committed === room.commitment;
  const verdict =
    fits === null
      ? element("p", {}, "This browser can't check it here.")
      : fits && isSame
        ? element("p", { className: "good" }, "Checked in this browser: it is the seed that was fixed before.")
        : element(
            "p",
            { className: "wrong" },
            "This is not the seed that was fixed before. The draw is not to be trusted.",
          );
  const lot = entry === null || entry.second > 0 ? null : await lotOf(room, entry.accountId);
  const who = entry === null ? "" : ` ${entry.accountId}@${entry.second}`;
  return [
    ...beginning,
    element("p", {}, "The draw is made, and this is the seed:"),
    code(room.seed),
    verdict,
    lot === null
      ? null
      : element("p", {}, `Your lot is ${lot.toLocaleString()} of ${LOTS.toLocaleString()}; lower ones come first.`),
    element("p", {}, "To check it without us:"),
    code(
      `curl -s ${API_ROOT.href}events/${eventId}/waiting-room > room.json\nnpm run verify-draw -- room.json${who} --committed ${committed}`,
    ),
  ].filter((part) => part !== null);
}

/** @param {string} text */
const code = (text) => element("pre", { className: "code", tabIndex: 0 }, text);

/**
 * What is behind a chart: a table to read, and a file to take along.
 *
 * @import { Api } from "../shared/api.js"
 */
import { button, element } from "../shared/elements.js";

/**
 * @param {string} caption
 * @param {readonly string[]} heading
 * @param {readonly (readonly (string | number)[])[]} rows
 */
export function table(caption, heading, rows) {
  const row = (/** @type {readonly (string | number)[]} */ cells) =>
    element(
      "tr",
      {},
      ...cells.map((cell, place) =>
        element(place === 0 ? "th" : "td", { ...(place === 0 && { scope: "row" }) }, String(cell)),
      ),
    );
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heading.map((one) => element("th", { scope: "col" }, one)))),
    element("tbody", {}, ...rows.map(row)),
  );
}

/**
 * A table that opens, and a button that saves the same as CSV, as the API gives it.
 * @param {object} options
 * @param {Api} options.api
 * @param {string} options.name of what is shown, e.g. `Sales`
 * @param {string} options.path of the route
 * @param {HTMLTableElement} options.table
 */
export function behind({ api, name, path, table: shown }) {
  const said = element("span", { role: "alert", className: "wrong" });
  const save = async () => {
    said.textContent = "";
    try {
      const reply = await api.open(path, { headers: { accept: "text/csv" } });
      const href = URL.createObjectURL(await reply.blob());
      element("a", { href, download: `${name.toLowerCase()}.csv` }).click();
      URL.revokeObjectURL(href);
    } catch (error) {
      said.textContent = error instanceof Error ? error.message : "That did not work.";
    }
  };
  // What scrolls has to be reached by the keyboard.
  const scrolled = element(
    "div",
    { className: "scrolled", tabIndex: 0, role: "region", ariaLabel: `${name} as a table` },
    shown,
  );
  return element(
    "div",
    { className: "behind" },
    element("details", {}, element("summary", {}, `${name} as a table`), scrolled),
    button("CSV", save, { ariaLabel: `Save ${name.toLowerCase()} as CSV` }),
    said,
  );
}

/** What is on sale: where a buyer begins. */
import { createApi, Refused } from "../shared/api.js";
import { byId, element } from "../shared/elements.js";
import { saidPrices, saidTime } from "../shared/said.js";
import { createSessions } from "../shared/session.js";

const api = createApi({ sessions: createSessions() });
const form = byId("search", HTMLFormElement);
const keyword = byId("keyword", HTMLInputElement);
const list = byId("events", HTMLUListElement);
const said = byId("said", HTMLParagraphElement);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void show();
});
void show();

async function show() {
  const query = new URLSearchParams({ pageSize: "50" });
  if (keyword.value.trim() !== "") query.set("keyword", keyword.value.trim());
  try {
    const { items, total } = await api.get(`/events/search?${query}`);
    list.replaceChildren(...items.map(entry));
    said.textContent = total === 0 ? "Nothing was found." : `${total} ${total === 1 ? "event" : "events"}`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    said.textContent = error.message;
  }
}

/** @param {any} event as the search answers it */
function entry({ eventId, name, startsAt, timeZone, venue, minPrice, maxPrice }) {
  return element(
    "li",
    { className: "panel" },
    element("h2", {}, element("a", { href: `events/${encodeURIComponent(eventId)}` }, name)),
    startsAt === null ? null : element("p", {}, saidTime(startsAt, timeZone)),
    venue === null ? null : element("p", { className: "quiet" }, [venue.name, venue.city].filter(Boolean).join(", ")),
    minPrice === null ? null : element("p", { className: "quiet" }, saidPrices({ price: minPrice, maxPrice })),
  );
}

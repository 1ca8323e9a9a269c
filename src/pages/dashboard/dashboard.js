/** What organizers and analysts want to see of a sale. */
import { createApi, Refused } from "../shared/api.js";
import { byId, element } from "../shared/elements.js";
import { createSessions } from "../shared/session.js";
import { signInForm, whoIsIn } from "../shared/sign-in.js";
import { livePanel } from "./live.js";
import { funnelPanel, occupancyPanel, salesPanels } from "./panels.js";

const EVENTS_SHOWN = 100;
const ALL = "";

const sessions = createSessions();
const api = createApi({ sessions, onSignedOut: () => begin() });
const who = byId("who", HTMLDivElement);
const signIn = byId("sign-in", HTMLElement);
const choice = byId("choice", HTMLFormElement);
const events = byId("event", HTMLSelectElement);
const bucket = byId("bucket", HTMLSelectElement);
const zone = byId("zone", HTMLSelectElement);
const said = byId("said", HTMLParagraphElement);
const figures = byId("figures", HTMLDivElement);

/** Ends what is live of the event that was shown before. */
let shown = new AbortController();

choice.addEventListener("change", () => void show());
choice.addEventListener("submit", (event) => event.preventDefault());
begin();

function begin() {
  shown.abort();
  figures.replaceChildren();
  said.textContent = "";
  const isIn = sessions.current() !== null;
  who.replaceChildren(whoIsIn({ api, sessions, onSignedOut: begin }));
  choice.hidden = !isIn;
  signIn.hidden = isIn;
  signIn.replaceChildren(...(isIn ? [] : [signInForm({ api, sessions, guests: false, onSignedIn: begin })]));
  if (isIn) void open();
}

/** Fills the choice of events: one's own, or for analysts what is on sale; the address may name another. */
async function open() {
  const named = new URLSearchParams(location.search).get("event");
  try {
    const first = named === null ? null : show(named); // nobody waits for the list who knows what to see
    const { roles } = await api.get("/accounts/me");
    const all = roles.includes("analyst") || roles.includes("admin");
    const list = all ? `/events/search?pageSize=${EVENTS_SHOWN}` : `/events?organizer=me&limit=${EVENTS_SHOWN}`;
    const { items } = await api.get(list);
    const known = items.some((/** @type {any} */ { eventId }) => eventId === named);
    events.replaceChildren(
      element("option", { value: ALL }, all ? "All events" : "All my events"),
      ...(named !== null && !known ? [element("option", { value: named }, named)] : []),
      ...items.map((/** @type {any} */ { eventId, name }) => element("option", { value: eventId }, name)),
    );
    events.value = named ?? ALL;
    if (items.length === 0 && first === null && !all) {
      said.textContent = "You have no events yet. Figures are for those who organize some, and for analysts.";
      return;
    }
    await (first ?? show());
  } catch (error) {
    tell(error);
  }
}

/** @param {string} [named] an event, unless it is the one that is chosen */
async function show(named) {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  const eventId = named ?? events.value;
  const query = eventId === ALL ? "" : `eventId=${encodeURIComponent(eventId)}`;
  const timeZone = zone.value === "own" ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone.value;
  const asked = { api, query, bucket: bucket.value, timeZone };
  said.textContent = "Figures are being fetched …";
  try {
    const by = `${query}${query === "" ? "" : "&"}bucket=${bucket.value}&timeZone=${encodeURIComponent(timeZone)}`;
    const [sales, funnel, occupancy, event] = await Promise.all([
      api.get(`/analytics/sales?${by}`, { signal }),
      api.get(`/analytics/funnel?${query}`, { signal }),
      api.get(`/analytics/occupancy?${query}`, { signal }),
      eventId === ALL ? null : api.get(`/events/${encodeURIComponent(eventId)}`, { signal }).catch(() => null),
    ]);
    if (signal.aborted) return;
    const nameOf = namesOf(event);
    const { panels, draw } = salesPanels({ ...asked, nameOf }, sales.items);
    const live = event === null ? [] : [livePanel({ api, eventId, nameOf: (type) => nameOf(eventId, type), signal })];
    figures.replaceChildren(
      ...live,
      ...panels,
      funnelPanel({ ...asked, nameOf }, funnel.items),
      occupancyPanel({ ...asked, nameOf }, occupancy.items),
    );
    draw();
    said.textContent = "";
    performance.mark("figures");
  } catch (error) {
    if (!signal.aborted) tell(error);
  }
}

/** @param {any} event null: of several */
function namesOf(event) {
  const types = new Map((event?.ticketTypes ?? []).map((/** @type {any} */ one) => [one.ticketTypeId, one.name]));
  return (/** @type {string} */ eventId, /** @type {string | null} */ ticketTypeId) =>
    types.get(ticketTypeId) ??
    [...events.options].find(({ value }) => value === (ticketTypeId ?? eventId))?.text ??
    ticketTypeId ??
    eventId;
}

/** @param {unknown} error */
function tell(error) {
  if (!(error instanceof Refused)) throw error;
  said.textContent = error.message;
}

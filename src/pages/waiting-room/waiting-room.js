/**
 * The waiting room of an event: standing in line, and being brought in.
 *
 * @import { Room } from "./draw-check.js"
 * @import { Place } from "./waiting-panel.js"
 */
import { createLine } from "../shared/admission.js";
import { createApi, Refused } from "../shared/api.js";
import { byId, element, field } from "../shared/elements.js";
import { saidTime } from "../shared/said.js";
import { createSessions } from "../shared/session.js";
import { signInForm, whoIsIn } from "../shared/sign-in.js";
import { fairness } from "./fairness.js";
import { waitingPanel } from "./waiting-panel.js";

/** Asked again this much later at the most, so that not all ask in the same moment. */
const SPREAD = 0.25;
const LOOK_EVERY_MS = 20_000;
const TURN_OVER = "Your turn is over. Stand in line anew.";
/** What the page that sent the reader here says of why. @type {Readonly<Record<string, string>>} */
const SENT_BY = {
  "admission-used": "You have held tickets by that turn. For more, stand in line anew.",
  "admission-expired": TURN_OVER,
};
const AFTER_TROUBLE_SECONDS = 5;

const eventId = location.pathname.split("/").at(-2) ?? "";
const sessions = createSessions();
const line = createLine(eventId);
const api = createApi({ sessions, onSignedOut: showWho });
const panel = byId("panel", HTMLElement);

/** @type {{ name: string, startsAt: string | null, timeZone: string | null, guestsAllowed: boolean }} */
let event;
/** @type {Room} */
let room;
let lookedAtMs = 0;
/** Ends what the panel that is shown does. */
let ofPanel = new AbortController();

void begin();

async function begin() {
  showWho();
  try {
    event = await api.get(`/events/${encodeURIComponent(eventId)}`);
    document.title = `Waiting room for ${event.name}`;
    byId("name", HTMLElement).textContent = event.name;
    byId("when", HTMLElement).textContent = event.startsAt === null ? "" : saidTime(event.startsAt, event.timeZone);
    await look();
    if (room.state === "CLOSED") return goIn();
    const why = SENT_BY[location.hash.slice(1)];
    history.replaceState(null, "", location.pathname); // said once
    goOn(why);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    show([title("Not now"), element("p", {}, error.message)]);
  }
}

function showWho() {
  byId("who", HTMLElement).replaceChildren(whoIsIn({ api, sessions, onSignedOut: () => location.reload() }));
}

async function look() {
  room = await api.get(`/events/${eventId}/waiting-room`);
  lookedAtMs = performance.now();
  byId("fair", HTMLElement).replaceChildren(...(await fairness(room, { eventId, entry: myEntry(), line })));
}

const myEntry = () => line.entryOf(sessions.current()?.accountId ?? "");
const title = (/** @type {string} */ text) => element("h2", { tabIndex: -1 }, text);
const goIn = () => location.replace(`../${eventId}`);

/** Shows what fits: whoever has an entry waits, others may stand in line. @param {string} [said] */
function goOn(said = "") {
  if (myEntry() === null) showDoor(said);
  else void wait();
}

/** @param {readonly Node[]} content */
function show(content) {
  ofPanel.abort();
  ofPanel = new AbortController();
  const isFirst = panel.childElementCount === 0;
  panel.replaceChildren(...content);
  if (!isFirst) panel.querySelector("h2")?.focus();
}

/** Where one stands in line. @param {string} said */
function showDoor(said) {
  if (sessions.current() === null) {
    const onSignedIn = () => {
      showWho();
      goOn();
    };
    const form = signInForm({ api, sessions, guests: event.guestsAllowed, onSignedIn });
    return show([title("Many want to buy. Who are you?"), saidLine(said), ...saidOpening(), form]);
  }
  const { fieldset, wish } = classChoice();
  const alert = saidLine(said);
  const form = element(
    "form",
    {},
    fieldset,
    element("button", { type: "submit", className: "first" }, "Stand in line"),
  );
  form.addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    try {
      const entered = await api.ask("POST", `/events/${eventId}/waiting-room/entries`, { body: wish() });
      const accountId = sessions.current()?.accountId ?? "";
      line.keepEntry({ token: entered.entryToken, second: entered.second, accountId, round: room.round ?? 0 });
      await look();
      goOn();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === "waiting-room-closed") goIn();
      alert.textContent = error.message;
    }
  });
  show([title("Many want to buy"), alert, ...saidOpening(), form]);
}

const saidLine = (/** @type {string} */ text) => element("p", { role: "alert", className: "wrong" }, text);

function saidOpening() {
  const { state, opensAt } = room;
  if (state !== "BEFORE_OPENING" || opensAt === null) {
    return [element("p", {}, "People are let in one after the other. Stand in line to get your turn.")];
  }
  return [element("p", {}, `It opens on ${saidTime(opensAt)}. Whoever stands in line before has the same chance.`)];
}

/** For rooms that let some people in by a share of their own. */
function classChoice() {
  const fieldset = element("fieldset", { hidden: room.classes.length === 0 }, element("legend", {}, "I come"));
  const code = field("Code", { autocomplete: "off" });
  const radios = [{ name: "", codeNeeded: false }, ...room.classes].map(({ name, codeNeeded }, index) => {
    const radio = element("input", { type: "radio", name: "class", value: name, checked: index === 0 });
    radio.addEventListener("change", () => {
      code.label.hidden = !codeNeeded;
    });
    return element("label", {}, radio, name === "" ? " as everybody" : ` by ${name}`);
  });
  code.label.hidden = true;
  fieldset.append(...radios, code.label);
  const wish = () => {
    const chosen = fieldset.querySelector("input:checked");
    const name = chosen instanceof HTMLInputElement ? chosen.value : "";
    if (name === "") return {};
    return code.label.hidden ? { class: name } : { class: name, code: code.input.value };
  };
  return { fieldset, wish };
}

/** Stands in line until it is one's turn. */
async function wait() {
  const leave = () => {
    line.forgetEntry();
    goOn("You have left the line.");
  };
  const shown = waitingPanel({ nowMs: api.nowMs, onLeave: leave });
  show(shown.content);
  const { signal } = ofPanel;
  const timer = setInterval(shown.tick, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
  while (!signal.aborted) {
    let seconds = AFTER_TROUBLE_SECONDS;
    try {
      const place = await askPlace();
      if (place === null || signal.aborted) return;
      const isOpeningNow = room.state === "BEFORE_OPENING" && api.nowMs() >= Date.parse(room.opensAt ?? "");
      if (isOpeningNow || performance.now() - lookedAtMs > LOOK_EVERY_MS) await look();
      shown.trouble("");
      shown.show(room, place);
      if (place.place !== null) document.title = `${place.place.toLocaleString()}: ${event.name}`;
      if (place.tickets === "OVER") return;
      seconds = place.askAgainSeconds ?? AFTER_TROUBLE_SECONDS;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      shown.trouble(`${error.message} You keep your place; it is tried again.`);
      seconds = error.retryAfterSeconds ?? AFTER_TROUBLE_SECONDS;
    }
    await pause(seconds * 1_000 * (1 + SPREAD * Math.random()), signal);
  }
}

/** @returns {Promise<Place | null>} null: it goes on somewhere else */
async function askPlace() {
  const entry = myEntry();
  if (entry === null) {
    goOn();
    return null;
  }
  try {
    /** @type {Place} */
    const place = await api.get(`/events/${eventId}/waiting-room/place`, { headers: { "entry-token": entry.token } });
    const { admissionToken, expiresAt } = place;
    if (admissionToken === undefined || expiresAt === undefined) return place;
    line.keepAdmission({ token: admissionToken, expiresAt });
    goIn();
    return null;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === "waiting-room-closed") goIn();
    else if (error.code === "entry-invalid" || error.code === "admission-expired") {
      line.forgetEntry();
      await look();
      goOn(error.code === "entry-invalid" ? "" : TURN_OVER);
    } else throw error;
    return null;
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
const pause = (ms, signal) =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });

import { signHeads } from "../../support/signed-heads.ts";
import { verifyingOf } from "../../support/verifications.ts";
import type { NodeUnderTest } from "../events-node.ts";
import { ADMIN } from "../harness.ts";
import type { OpenApi } from "../openapi-document.ts";
import { type RecordedReplies, recorderOf } from "./recording.ts";

const PASSWORD = "a long sentence";
const STARTS_AT = "2027-06-01T18:00:00.000Z";

/**
 * One sale from the first account to the refunds, in which every operation that answers something succeeds once: what the
 * document shows as examples of replies. A route that is new gets its line here.
 */
export async function playStory(node: NodeUnderTest, document: OpenApi): Promise<RecordedReplies> {
  const { call, recorded } = recorderOf(node, document);
  const sign = async (email: string, password: string): Promise<string> =>
    (await call("POST", "/sessions", { body: { email, password } })).json().token;
  /** From read models that have seen all that is recorded. */
  const read = async (url: string, token?: string) =>
    call("GET", url, {
      ...(token !== undefined && { token }),
      headers: { "boxoffice-min-position": await node.head() },
    });

  await call("GET", "/health/live");
  await call("GET", "/health/ready");

  // An organizer
  await call("POST", "/accounts", { body: { email: "ada@example.org", password: PASSWORD, name: "Ada Lovelace" } });
  const ada = await sign("ada@example.org", PASSWORD);
  await call("GET", "/accounts/me", { token: ada });
  await call("PATCH", "/accounts/me", { token: ada, body: { name: "Ada King" } });
  await call("POST", "/password-resets", { body: { email: "ada@example.org" } });
  const till = { name: "Till at the door", scopes: ["read", "sell"] };
  const { keyId } = (await call("POST", "/api-keys", { token: ada, body: till })).json();
  await call("GET", `/api-keys/${keyId}`, { token: ada });
  await call("GET", "/api-keys", { token: ada });

  // An event
  const draft = {
    name: "Aurora Live",
    code: "aurora-2027",
    description: "An evening of northern light",
    startsAt: STARTS_AT,
    timeZone: "Europe/Berlin",
    venue: { name: "Riverside Arena", address: "Uferweg 1", city: "Berlin", country: "Germany" },
    performers: [{ name: "The Aurora Band" }],
    draft: true,
    ticketTypes: [
      { name: "VIP", capacity: 100, price: { amount: 14_900, currency: "EUR" }, maxPerUser: 4 },
      { name: "Regular", capacity: 5_000, price: { amount: 4_500, currency: "EUR" } },
    ],
  };
  const { eventId, ticketTypes } = (await call("POST", "/events", { token: ada, body: draft })).json();
  const [, { ticketTypeId }] = ticketTypes;
  const event = `/events/${eventId}`;
  await call("POST", `${event}/publish`, { token: ada });
  await call("PATCH", event, { token: ada, body: { additionalInfo: "Doors open at 17:00" } });
  const added = await call("POST", `${event}/ticket-types`, { token: ada, body: { name: "Backstage", capacity: 2 } });
  const few = added.json().ticketTypes.at(-1).ticketTypeId;
  await call("PATCH", `${event}/ticket-types/${ticketTypeId}`, { token: ada, body: { capacity: 6_000 } });
  for (const at of [event, `${event}/ticket-types/${ticketTypeId}`]) {
    await call("POST", `${at}/pause`, { token: ada });
    await call("POST", `${at}/resume`, { token: ada });
  }
  const seatMap = { sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1-4", accessible: ["1"] }] }] };
  const hall = { name: "Aurora, seated", ticketTypes: [{ name: "Seat", seatMap }] };
  const seated = (await call("POST", "/events", { token: ada, body: hall })).json();
  const seatsAt = `/events/${seated.eventId}/ticket-types/${seated.ticketTypes[0].ticketTypeId}/seats`;
  for (const verb of ["block", "unblock"]) {
    await call("POST", `${seatsAt}/${verb}`, { token: ada, body: { seats: ["STALLS-A-4"] } });
  }
  await read(seatsAt);
  await read(`/events/${seated.eventId}/tickets`);
  await read("/events?organizer=me", ada);

  // Who comes along
  const { token: guest } = (await call("POST", "/sessions/guest", { body: { email: "max@example.org" } })).json();
  await read("/events/search?keyword=aurora");
  await read(event);
  await read(`${event}/availability`);
  const held = await call("POST", `${event}/reservations`, { token: guest, body: { ticketTypeId, quantity: 2 } });
  const { reservationId } = held.json();
  await call("POST", `/reservations/${reservationId}/extend`, { token: guest });
  await read("/reservations", guest);
  await read(`/reservations/${reservationId}`, guest);
  await call("PUT", `/cart/items/${ticketTypeId}`, { token: guest, body: { eventId, quantity: 1 } });
  await read("/cart", guest);

  // Buying
  const payment = { method: "sandbox-ok" };
  const order = { reservationIds: [reservationId], payment };
  const { bookingId } = (await call("POST", "/purchases", { token: guest, body: order })).json();
  const { cartId } = (await read("/cart", guest)).json();
  const later = await call("POST", "/purchases", {
    token: guest,
    body: { cartId, payment: { method: "sandbox-never" } },
  });
  const booking = `/bookings/${bookingId}`;
  await read(booking, guest);
  await call("POST", `${booking}/refunds`, { token: ada, body: { amount: { amount: 500, currency: "EUR" } } });
  await call("POST", `${booking}/resend`, { token: guest });
  await call("POST", `${booking}/refund-quote`, { token: guest, body: {} });
  await call("POST", `${booking}/cancel`, { token: guest, body: {} });
  await call("POST", `/bookings/${later.json().bookingId}/cancel`, { token: guest, body: {} });
  await read("/bookings", guest);
  await read(`${booking}/history`, guest);
  await read("/accounts/me/history", guest);
  await read(`${event}/bookings`, ada);
  await call("GET", "/audit/schemas");
  await read(`/audit/log?eventId=${eventId}&limit=2`, ada);
  await read(`/audit/streams/listing-${eventId}?limit=2`, ada);
  await read(`/audit${booking}?limit=2`, ada);
  await read(`/audit${booking}/state?since=revision:0`, ada);
  await read(`/audit${event}?since=revision:0`, ada);
  await read(`/audit/inventories/${eventId}/${ticketTypeId}?since=revision:0`, ada);
  await signHeads(node.databaseUrl);
  await call("GET", `${event}/proof`);
  for (const published of ["heads", "heads/latest", "heads/keys"]) await call("GET", `/audit/${published}`);
  for (const figures of ["sales", "funnel", "revenue", "occupancy"]) {
    await read(`/analytics/${figures}?eventId=${eventId}`, ada);
  }

  // Waiting
  await call("POST", `${event}/reservations`, { token: ada, body: { ticketTypeId: few, quantity: 2 } });
  const wish = { ticketTypeId: few, quantity: 1 };
  const { entryId } = (await call("POST", `${event}/waitlist`, { token: guest, body: wish })).json();
  await read("/waitlist", guest);
  await read(`/waitlist/${entryId}`, guest);
  await read(`${event}/waitlist`, ada);

  const room = `${event}/waiting-room`;
  await call("PUT", room, { token: ada, body: { enabled: true, admitPerMinute: 600 } });
  await call("GET", room, { token: guest });
  const { entryToken } = (await call("POST", `${room}/entries`, { token: guest, body: {} })).json();
  await call("GET", `${room}/place`, { token: guest, headers: { "entry-token": entryToken } });
  await call("PUT", room, { token: ada, body: { enabled: false } });

  // Clients of earlier systems
  const userID = (await call("GET", "/accounts/me", { token: ada })).json().accountId;
  const named = { userID, eventID: eventId, ticketType: "Regular", ticketCount: 1 };
  const taken = (await call("POST", "/ticket/reserve", { token: ada, body: named })).json();
  const confirm = { token: ada, headers: { userID }, body: { reservationId: taken.reservationId } };
  await call("POST", "/ticket/confirmReservation", confirm);
  const one = (await call("POST", "/events", { token: ada, body: { name: "Open Evening", total_seats: 200 } })).json();
  const hold = (await call("POST", "/holds", { body: { event_id: one.eventId, qty: 2 } })).json();
  await call("POST", "/book", { body: { hold_id: hold.hold_id, payment_token: hold.payment_token } });
  const seats = { eventId, seatType: "Regular", quantity: 2 };
  const pending = (await call("POST", "/events/reserve", { token: ada, body: seats })).json();
  const details = { bookingId: pending.bookingId, paymentDetails: payment };
  await call("POST", "/purchases", { token: ada, body: details });

  // Calling it off
  await call("POST", `${event}/cancel`, { token: ada });
  await call("GET", `${event}/cancellation`, { token: ada });

  // Administrators
  const admin = await sign(ADMIN.email, ADMIN.password);
  await call("GET", "/accounts?q=ada", { token: admin });
  const account = `/accounts/${userID}`;
  await call("GET", account, { token: admin });
  await call("PUT", `${account}/roles`, { token: admin, body: { roles: ["customer", "auditor"] } });
  const { verificationId } = (await call("POST", "/audit/verifications", { token: admin })).json();
  const verifying = verifyingOf(node.databaseUrl);
  try {
    await verifying.done();
    for (let tries = 0; tries < 5; tries += 1) {
      if ((await call("POST", "/audit/verifications", { token: admin })).statusCode === 201) break;
    }
  } finally {
    await verifying.stop();
  }
  await call("GET", `/audit/verifications/${verificationId}`, { token: admin });
  await call("POST", `${account}/suspend`, { token: admin });
  await call("POST", `${account}/unsuspend`, { token: admin });
  await call("POST", "/sandbox/clock/advance", { token: admin, body: { seconds: 900 } });

  return recorded();
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EarlierClients, earlierClients } from "./earlier-clients.ts";

let clients: EarlierClients;
beforeAll(async () => {
  clients = await earlierClients();
});
afterAll(() => clients.close());

const make = (body: object, key?: string) => clients.post("/events", body, { by: clients.organizer, key });

describe("POST /events {name, total_seats}", () => {
  it("puts one free ticket type on sale, and says so in both words", async () => {
    const reply = await make({ name: "Open Evening", total_seats: 200 });
    expect(reply.statusCode, reply.body).toBe(201);
    const { event_id, total_seats, created_at, ...event } = reply.json();
    expect([event_id, total_seats, created_at]).toEqual([event.eventId, 200, event.createdAt]);
    expect(event).toMatchObject({
      name: "Open Evening",
      total: 200,
      ticketTypes: [{ name: "General", total: 200, price: { amount: 0 } }],
    });
    expect(reply.headers.location).toBe(`/events/${event_id}`);
    expect((await clients.get(`/events/${event_id}`, clients.organizer)).json()).toEqual(event);
  });

  it("counts once for a key", async () => {
    const first = await make({ name: "Open Evening", total_seats: 200 }, "once");
    const again = await make({ name: "Open Evening", total_seats: 200 }, "once");
    expect([again.json(), again.headers["idempotency-replayed"]]).toEqual([first.json(), "true"]);
    expect((await make({ name: "Open Evening", total_seats: 201 }, "once")).statusCode).toBe(422);
  });

  it("does not say those words to who does not use them", async () => {
    const reply = await make({ name: "Open Evening", totalSeats: 200 });
    expect(reply.json()).not.toHaveProperty("event_id");
  });

  it.each([
    [{ name: "A", total_seats: 0 }, "/total_seats"],
    [{ name: "A", total_seats: "200" }, "/total_seats"],
    [{ total_seats: 200 }, "/name"],
    [{ name: "A", total_seats: 200, totalSeats: 200 }, "/ticketTypes"],
    [{ name: "A", total_seats: 200, seats: 1 }, "/seats"],
    [{ name: "A", totalSeats: 200, seats: 1 }, "/seats"],
    [{ name: "A" }, "/ticketTypes"],
  ])("takes 400 for %j, naming the place in both words", async (body, path) => {
    const reply = await make(body);
    expect(reply.statusCode, reply.body).toBe(400);
    const { errors, message } = reply.json();
    expect(errors.map((error: { path: string }) => error.path)).toEqual([path]);
    expect(message).toBe(`${path.slice(1)} ${errors[0].message}`);
  });

  it("answers 401 without a token, with a message", async () => {
    const reply = await clients.post("/events", { name: "A", total_seats: 1 });
    expect([reply.statusCode, reply.json().code]).toEqual([401, "token-missing"]);
  });
});

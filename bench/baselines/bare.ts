/** What Fastify itself does: a POST that replies a constant of the size of a reservation. With PORT. */
import Fastify from "fastify";
import { readyMessage, reservationView } from "./guarded-server.ts";

const app = Fastify();
const constant = JSON.stringify(
  reservationView(crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID(), 1, new Date()),
);

app.post("/events/:eventId/reservations", async (_request, reply) =>
  reply.code(201).header("content-type", "application/json; charset=utf-8").send(constant),
);

await readyMessage(app);

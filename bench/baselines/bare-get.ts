/** What Fastify itself does: a GET that replies a constant. With PORT, and BODY: the constant, which is JSON. */
import Fastify from "fastify";
import { readyMessage } from "./guarded-server.ts";

const app = Fastify();
const constant = String(process.env.BODY);

app.get("/events/:eventId", (_request, reply) => {
  void reply.header("content-type", "application/json; charset=utf-8").send(constant);
});

await readyMessage(app);

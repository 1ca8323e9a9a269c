/** What every honest baseline does besides reserving: check the token, validate the body, count for the rate limit. */
import { hash } from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import { createVerifier } from "fast-jwt";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { z } from "zod";

export const newReservation = z.strictObject({ ticketTypeId: z.guid(), quantity: z.int().min(1).max(10_000_000) });

export interface Guarded {
  readonly app: FastifyInstance;
  /** The account of the request's token. */
  authenticate(request: FastifyRequest): string;
  bodyHash(request: FastifyRequest): string;
}

export async function guarded(): Promise<Guarded> {
  const verify = createVerifier({ key: String(process.env.JWT_SECRET), algorithms: ["HS256"], cache: 10_000 });
  const app = Fastify();
  await app.register(rateLimit, {
    max: 1_000_000_000,
    keyGenerator: (request) => request.headers.authorization ?? request.ip,
  });
  return {
    app,
    authenticate(request) {
      const { authorization } = request.headers;
      if (authorization === undefined) throw Object.assign(new Error("who are you?"), { statusCode: 401 });
      return String((verify(authorization.slice("Bearer ".length)) as { sub: string }).sub);
    },
    bodyHash: (request) => hash("sha256", JSON.stringify(request.body), "base64url"),
  };
}

/** The reply that Boxoffice gives to a reservation, so that all send as much. */
export function reservationView(
  reservationId: string,
  eventId: string,
  ticketTypeId: string,
  quantity: number,
  expiresAt: Date,
) {
  const price = { amount: 4500, currency: "EUR" };
  const total = { amount: 4500 * quantity, currency: "EUR" };
  const status = "HELD";
  return { reservationId, eventId, ticketTypeId, quantity, unitPrice: price, total, status, expiresAt };
}

/** Listens, and tells the parent process when it does. */
export async function readyMessage(app: FastifyInstance): Promise<void> {
  await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
  process.send?.("ready");
  process.on("disconnect", () => process.exit(0));
}

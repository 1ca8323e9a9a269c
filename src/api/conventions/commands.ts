import { randomUUID } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../../accounts/caller.ts";
import type { CommandContext } from "../../commands/outcome.ts";
import type { Position } from "../../eventstore/port.ts";
import { Problem } from "../problems/problem.ts";
import { idempotencyOf } from "./idempotency.ts";

/** Who calls; for routes whose `access` lets nobody in without a token. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Problem("token-missing");
  return request.caller;
}

/**
 * What goes into the envelope of the events that come of this request. `role` is the one that lets the caller do it,
 * e.g. `organizer`; without it `guest` or `customer`. The hashes of the `Idempotency-Key` are there on routes with
 * `config.idempotent`.
 * @param caller in whose name it is done, where that is not whose token came
 * @throws Problem `token-missing` without a caller, `invalid` for a key of a wrong form
 */
export function commandContext(request: FastifyRequest, role?: string, caller = callerOf(request)): CommandContext {
  return {
    actor: { account: caller.accountId, role: role ?? (caller.guest ? "guest" : "customer") },
    commandId: randomUUID(),
    correlationId: request.id,
    causationId: null,
    requestId: request.id,
    idempotency: request.routeOptions.config.idempotent === true ? idempotencyOf(request) : null,
  };
}

/** Only what these helpers need of a reply, so that it takes replies of every route's own type. */
interface HeaderReply {
  header(name: string, value: string): unknown;
}

/** Says where in the log a write stands (`Boxoffice-Position`), and that it is a first answer given again. */
export function recordedAt(reply: HeaderReply, recorded: { position: Position; replayed: boolean }): void {
  reply.header("boxoffice-position", recorded.position.toString());
  if (recorded.replayed) reply.header("idempotency-replayed", "true");
}

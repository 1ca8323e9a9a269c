import { Busy, type CommandContext, KeyReused } from "../../src/commands/outcome.ts";
import type { Refused } from "../../src/domain/decision.ts";
import { OutcomeUnknown, StoreUnavailable } from "../../src/eventstore/port.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { ClockLost } from "../../src/ports.ts";
import { type Node, requestContext } from "./node.ts";

export interface TypeRef {
  readonly eventId: string;
  readonly ticketTypeId: string;
}

/** Something that a client asks for, as he knows it himself. */
export type Ask = { readonly account: string; readonly type: TypeRef; readonly key: string | null } & (
  | { readonly do: "reserve"; readonly quantity: number }
  | { readonly do: "join"; readonly quantity: number }
  | { readonly do: "extend"; readonly id: string }
  | { readonly do: "release"; readonly id: string }
  | { readonly do: "leave"; readonly id: string }
  | { readonly do: "look" }
  | { readonly do: "line"; readonly quantity: number }
  | { readonly do: "clear" }
  /** `ids: null` buys the cart. */
  | { readonly do: "buy"; readonly ids: readonly string[] | null; readonly method: string | null }
  /** `ticketIds: null`: all there are. */
  | { readonly do: "cancel"; readonly booking: string; readonly ticketIds: readonly string[] | null }
  | { readonly do: "refund"; readonly booking: string; readonly amountMinor: number }
  | { readonly do: "call-off" }
  | { readonly do: "capacity"; readonly capacity: number }
);

/** What the client was told. */
export type Answer =
  | {
      readonly told: "granted";
      readonly facts: Facts;
      /** Of a booking, as far as it has come; may differ from time to time. */
      readonly status?: string | null;
      readonly replayed: boolean;
    }
  | { readonly told: "refused"; readonly code: string; readonly details: Readonly<Record<string, unknown>> }
  /** Not run: nothing was recorded by this. */
  | { readonly told: "not-run"; readonly why: string }
  /** It may have been done. */
  | { readonly told: "nothing"; readonly why: string }
  /** What must not happen. */
  | { readonly told: "fault"; readonly why: string };

/** What an answer says of what was done; equal for equal answers. */
export interface Facts {
  readonly id?: string;
  readonly [name: string]: unknown;
}

/** Has a node do it, and puts its answer as a client gets it. */
export async function perform(ask: Ask, requestId: string, node: Node): Promise<Answer> {
  try {
    return await run(ask, requestId, node);
  } catch (error) {
    if (error instanceof KeyReused) return { told: "refused", code: "key-reused", details: {} };
    if (error instanceof OutcomeUnknown) return { told: "nothing", why: error.name };
    if (error instanceof Busy || error instanceof StoreUnavailable || error instanceof ClockLost) {
      return { told: "not-run", why: error.name };
    }
    return { told: "fault", why: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function run(ask: Ask, requestId: string, node: Node): Promise<Answer> {
  const { account, type, key } = ask;
  const { reservations, waitlist, events, inventories } = node;
  const buyer = { accountId: account, guest: false };
  const context = requestContext(node, account, requestId, key, JSON.stringify({ ...ask, key: null }));
  switch (ask.do) {
    case "reserve": {
      const outcome = await reservations.reserve(type, buyer, ask.quantity, context);
      return answer(outcome, ({ data, replayed }) => ({ facts: { ...data, id: data.reservationId }, replayed }));
    }
    case "extend": {
      const outcome = await reservations.extend(type, buyer, ask.id, context);
      return answer(outcome, ({ data, replayed }) => ({ facts: { ...data }, replayed }));
    }
    case "release":
      return answer(await reservations.release(type, buyer, ask.id, context), () => DONE);
    case "join": {
      const outcome = await waitlist.join(type, buyer, ask.quantity, null, context);
      return answer(outcome, ({ entryId: id, quantity, place, replayed }) => ({
        facts: { id, quantity, place },
        replayed,
      }));
    }
    case "leave":
      return answer(await waitlist.leave(type, buyer, ask.id, context), () => DONE);
    case "line":
      return answer(await node.carts.setLine(buyer, type, ask.quantity, context), () => DONE);
    case "clear":
      return answer(await node.carts.clear(buyer, context), () => DONE);
    case "buy":
      return buy(ask, node, context);
    case "cancel": {
      const { booking, ticketIds } = ask;
      const outcome = await node.bookingCommands.cancel(booking, ticketIds, null, context);
      if (outcome.accepted) await bringOn(booking, node, context);
      return answer(outcome, ({ replayed }) => ({ facts: {}, replayed }));
    }
    case "refund": {
      const outcome = await node.bookingCommands.refund(ask.booking, ask.amountMinor, context);
      if (outcome.accepted) await bringOn(ask.booking, node, context);
      return answer(outcome, ({ replayed }) => ({ facts: {}, replayed }));
    }
    case "call-off":
      return answer(await events.cancel(type.eventId, context), () => DONE);
    case "capacity":
      return answer(await events.changeTicketType(type, { capacity: ask.capacity }, null, context), () => DONE);
    case "look": {
      const seen = await inventories.look(inventoryStream(type.eventId, type.ticketTypeId), (state) =>
        state.status === "unopened" ? {} : { capacity: state.capacity, held: state.held, booked: state.booked },
      );
      return { told: "granted", facts: seen, replayed: false };
    }
  }
}

/** What is bought is paid for at once, if that can be; else it goes on by itself. */
async function buy(ask: Extract<Ask, { do: "buy" }>, node: Node, context: CommandContext): Promise<Answer> {
  const { account: accountId, ids, method } = ask;
  const of = ids === null ? { cartId: await cartOf(accountId, node) } : { reservationIds: ids };
  const payment = method === null ? null : { provider: "scripted", method };
  const opened = await node.purchases.open({ accountId, of, payment }, context);
  if (!opened.accepted) return answer(opened, () => DONE);
  const { bookingId: id, replayed, recorded } = opened;
  const status = await bringOn(id, node, context, recorded);
  return { told: "granted", facts: { id }, status, replayed };
}

/** @returns what has become of it; null: that is not known at the moment */
const bringOn = (booking: string, node: Node, ...rest: Rest): Promise<string | null> =>
  node.process.drive(booking, ...rest).then(
    ({ booking: { status } }) => status,
    () => null,
  );

type Rest = Parameters<Node["process"]["drive"]> extends [string, ...infer Others] ? Others : never;

async function cartOf(accountId: string, node: Node): Promise<string> {
  const { cart } = await node.carts.look(accountId);
  return cart.status === "none" ? "none" : cart.cartId;
}

const DONE = { facts: {}, replayed: false } as const;

const answer = <Accepted extends { readonly accepted: true }>(
  outcome: Accepted | Refused,
  facts: (accepted: Accepted) => { readonly facts: Facts; readonly replayed: boolean },
): Answer =>
  outcome.accepted
    ? { told: "granted", ...facts(outcome) }
    : { told: "refused", code: outcome.code, details: outcome.details };

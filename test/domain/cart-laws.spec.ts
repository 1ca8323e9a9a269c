import fc from "fast-check";
import { expect, it } from "vitest";
import { type CartCommand, cart } from "../../src/domain/cart.ts";
import type { CartEvent } from "../../src/domain/cart-events.ts";
import { stateOf } from "./given.ts";
import { ms, noon } from "./times.ts";

type Wish = CartCommand extends infer One ? (One extends CartCommand ? Omit<One, "atMs"> : never) : never;

/** `cart-3` is the third that a wish would open; few of everything, so that wishes meet. */
const cartId = fc.nat(6).map((n) => `cart-${n}`);
const bookingId = fc.constantFrom("booking-1", "booking-2");
const wish: fc.Arbitrary<Wish> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("TouchLine" as const),
      accountId: fc.constant("ada"),
      eventId: fc.constantFrom("concert", "play"),
      ticketTypeId: fc.constantFrom("regular", "vip"),
      newCartId: fc.constant(""),
      currency: fc.constantFrom("EUR", "EUR", "USD"),
      holdTtlSeconds: fc.constantFrom(5, 600),
      empty: fc.option(fc.record({ cartId, lines: fc.nat(3) })),
    }),
  },
  fc.record({ type: fc.constantFrom("CheckOut" as const, "Reopen" as const, "Complete" as const), cartId, bookingId }),
  fc.record({ type: fc.constant("Clear" as const), cartId, lines: fc.nat(3) }),
  fc.record({ type: fc.constant("Expire" as const) }),
);
const wishes = fc.array(fc.record({ wish, afterMs: fc.nat(4_000) }), { maxLength: 40 });

interface Step {
  readonly command: CartCommand;
  readonly accepted: boolean;
  readonly events: readonly CartEvent[];
}

/** Every new cart has an id of its own, as ids have. */
function run(script: readonly { readonly wish: Wish; readonly afterMs: number }[]): Step[] {
  const log: CartEvent[] = [];
  let atMs = ms(noon);
  let opened = 0;
  return script.map(({ wish: wished, afterMs }) => {
    atMs += afterMs;
    const named = wished.type === "TouchLine" ? { ...wished, newCartId: `cart-${opened}` } : wished;
    const command = { ...named, atMs } as CartCommand;
    const decision = cart.decide(command, stateOf(cart, log));
    const events = decision.accepted ? decision.events : [];
    opened += events.filter(({ type }) => type === "CartOpened").length;
    log.push(...events);
    return { command, accepted: decision.accepted, events };
  });
}

/** Reads a log as somebody would who knows only what the events mean. @returns what is wrong with it */
function faultsOf(steps: readonly Step[]): string[] {
  const faults: string[] = [];
  let open: { id: string; endsAtMs: number; booking: string | null; touched: Set<string> } | null = null;
  for (const { command, events } of steps) {
    for (const { type, data } of events) {
      if (type === "CartOpened") {
        if (open !== null) faults.push("a cart beside another");
        open = { id: data.cartId, endsAtMs: Date.parse(data.expiresAt), booking: null, touched: new Set() };
        continue;
      }
      if (open?.id !== data.cartId) {
        faults.push(`${type} of a cart that is not open`);
        continue;
      }
      const isOver = command.atMs >= open.endsAtMs;
      if (type === "CartLineTouched") {
        const line = `${data.eventId}/${data.ticketTypeId}`;
        if (open.touched.has(line)) faults.push("touched twice");
        if (open.booking !== null || isOver) faults.push("touched in a cart that was bought or over");
        open.touched.add(line);
      } else if (type === "CartCheckedOut") {
        if (open.booking !== null || isOver) faults.push("checked out though bought or over");
        open.booking = data.bookingId;
      } else if (type === "CartReopened" || type === "CartCompleted") {
        if (open.booking !== data.bookingId) faults.push(`${type} by another booking`);
        open.booking = null;
        if (type === "CartCompleted") open = null;
      } else {
        if (open.booking !== null) faults.push(`${type} in checkout`);
        if ((type === "CartExpired") !== isOver) faults.push(`${type} at the wrong time`);
        open = null;
      }
    }
  }
  return faults;
}

it("there is one cart at a time, and it ends once: bought by the booking that has it, cleared, or by its time", () => {
  fc.assert(fc.property(wishes, (script) => void expect(faultsOf(run(script))).toEqual([])));
});

it("a line that was accepted stands in a cart that is current and of its currency", () => {
  fc.assert(
    fc.property(wishes, (script) => {
      const steps = run(script);
      for (const [index, { command, accepted }] of steps.entries()) {
        if (command.type !== "TouchLine" || !accepted) continue;
        const { eventId, ticketTypeId, currency, atMs } = command;
        const state = stateOf(
          cart,
          steps.slice(0, index + 1).flatMap(({ events }) => events),
        );
        expect(state).toMatchObject({ status: "active", currency });
        if (state.status !== "active") continue;
        expect(state.expiresAtMs).toBeGreaterThan(atMs);
        expect(state.lines).toContainEqual({ eventId, ticketTypeId });
      }
    }),
  );
});

it("what was accepted is fulfilled: the same wish again at once records nothing", () => {
  fc.assert(
    fc.property(wishes, (script) => {
      const log: CartEvent[] = [];
      for (const { command, accepted, events } of run(script)) {
        log.push(...events);
        if (!accepted) continue;
        const again = command.type === "TouchLine" ? { ...command, empty: null } : command;
        expect(cart.decide(again, stateOf(cart, log))).toEqual({ accepted: true, events: [] });
      }
    }),
  );
});

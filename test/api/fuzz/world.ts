import { DAY, inMs } from "../events-asking.ts";
import type { NodeUnderTest, Reply } from "../events-node.ts";
import type { Actors } from "./actors.ts";
import type { Things } from "./things.ts";

/** Makes what requests may be about: much of what there can be at once, in every state that it can be in. */
export interface World {
  /** Those who can sign in. */
  people(): Promise<void>;
  /** One more of everything: what there was gets used up. */
  more(): Promise<void>;
  /** @throws Error nothing can be made any more, or read models have stopped at something that was accepted */
  stillWorks(): Promise<void>;
  /** A token by which a password can be changed once. */
  passwordReset(): Promise<void>;
}

const PRICE = { amount: 5, currency: "EUR" };
/** In a mail that went to the log. */
const TOKEN = /"password-reset".*?(?:\\n|\s)([\w-]{43})\\n/;
const MAIL_WITHIN_MS = 10_000;

export function createWorld(node: NodeUnderTest, actors: Actors, things: Things): World {
  let made = 0;

  async function ok(asked: Promise<Reply>): Promise<Reply> {
    const reply = await asked;
    if (reply.statusCode >= 300) throw new Error(`the world is not as it should be: ${reply.statusCode} ${reply.body}`);
    return reply;
  }
  const post = (who: string, url: string, body?: object) =>
    ok(node.call("POST", url, { token: actors.get(who)?.token ?? "", ...(body === undefined ? {} : { body }) }));

  async function onSale(more: object = {}): Promise<{ eventId: string; ticketTypeId: string }> {
    const ticketTypes = [{ name: "A", capacity: 10_000_000, maxPerOrder: 10_000_000, price: PRICE }];
    const { eventId, ticketTypes: types } = (
      await post("organizer", "/events", { name: "Aurora", ticketTypes, ...more })
    ).json();
    const { ticketTypeId } = types[0];
    return { eventId, ticketTypeId };
  }

  async function reserved(at: { eventId: string; ticketTypeId: string }, who: string, quantity = 1): Promise<string> {
    const body = { ticketTypeId: at.ticketTypeId, quantity };
    return (await post(who, `/events/${at.eventId}/reservations`, body)).json().reservationId;
  }

  async function soldOut(): Promise<{ eventId: string; ticketTypeId: string }> {
    const at = await onSale({ ticketTypes: [{ name: "Regular", capacity: 2 }] });
    await reserved(at, "guest", 2);
    return at;
  }

  return {
    async people() {
      // Whose e-mail and password are the document's example of signing in.
      const body = { email: "ada@example.org", password: "a long sentence", name: "Ada" };
      things.learn("nobody", (await ok(node.call("POST", "/accounts", { body }))).json());
    },

    async more() {
      made += 1;
      const owner = ["organizer", "guest", "buyer"][made % 3] as string;
      const special = [
        {},
        { startsAt: inMs(-DAY) },
        { draft: true },
        { guestsAllowed: false, saleEndsAt: inMs(DAY) },
        {},
      ];
      const at = await onSale(special[made % special.length]);
      things.add("organizer", at);
      const free = await onSale({
        ticketTypes: [
          { name: "Spare", capacity: 5 },
          { name: "Free", capacity: 1_000 },
        ],
      });
      things.add("organizer", free);
      const elsewhere = await onSale();
      things.add(owner, { ...elsewhere, reservationId: await reserved(elsewhere, owner) });
      const reservationIds = [await reserved(elsewhere, owner, 3)];
      const paid = await post(owner, "/purchases", { reservationIds, payment: { method: "sandbox-ok" } });
      things.learn(owner, paid.json());
      const wanted = await soldOut();
      const body = { ticketTypeId: wanted.ticketTypeId, quantity: 1 };
      things.learn(owner, (await post(owner, `/events/${wanted.eventId}/waitlist`, body)).json());
      things.add(owner, await soldOut());
      const called = await onSale();
      await post("organizer", `/events/${called.eventId}/cancel`);
      if (made % 4 === 0) things.add("organizer", called);
      // With the seats that the document has as examples.
      const seatMap = { sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1-200" }] }] };
      for (let again = 0; again < 2; again += 1) {
        things.add("organizer", await onSale({ ticketTypes: [{ name: "Seats", seatMap }] }));
      }
      // Somebody to whom administrators may do anything.
      const { accountId } = await actors.passing();
      things.add("admin", { accountId });
    },

    async stillWorks() {
      const made = await post("organizer", "/events", { name: "x", totalSeats: 1 });
      const headers = { "boxoffice-min-position": String(made.headers["boxoffice-position"]) };
      await ok(
        node.call("GET", String(made.headers.location), { token: actors.get("organizer")?.token ?? "", headers }),
      );
    },

    async passwordReset() {
      const { email } = await node.signUp();
      const before = node.logged.length;
      await ok(node.call("POST", "/password-resets", { body: { email } }));
      const deadline = Date.now() + MAIL_WITHIN_MS;
      for (;;) {
        const token = TOKEN.exec(node.logged.slice(before).join("\n"))?.[1];
        if (token !== undefined) return things.add("nobody", { token });
        if (Date.now() > deadline) throw new Error("no mail about a new password");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

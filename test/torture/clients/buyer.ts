import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Chance } from "../../model/chance.ts";
import type { Town } from "../town.ts";
import { type Asking, isGranted } from "./asking.ts";
import { Belongings } from "./belongings.ts";
import { COMMANDS } from "./commands/index.ts";
import type { Stage } from "./stage.ts";
import { codeIn, type Identity, type Told, type Wish } from "./wish.ts";
import type { Progress } from "./workload.ts";

export interface BuyerOptions {
  readonly number: number;
  readonly admin: Town["admin"];
  readonly stage: Stage;
  readonly chance: Chance;
  readonly asking: Asking;
  readonly progress: Progress;
  readonly isStopped: () => boolean;
}

const PASSWORD = "a long enough password";
const THINKS_MS = 60;

/** A client: one thing after the other, of all that there is to ask for; some of them organize events, one is the admin. */
export class Buyer {
  readonly number: number;
  readonly stage: Stage;
  readonly chance: Chance;
  readonly own = new Belongings();
  readonly isOrganizer: boolean;
  readonly isAdmin: boolean;
  /** Who he is now. */
  me: Identity | null = null;
  /** Who he is as an account, which he does not forget while he buys as a guest. */
  account: Identity | null = null;
  /** The furthest that he was told of. */
  #position = 0n;
  readonly #options: BuyerOptions;

  constructor(options: BuyerOptions) {
    this.#options = options;
    this.number = options.number;
    this.stage = options.stage;
    this.chance = options.chance;
    this.isAdmin = options.number === 0;
    this.isOrganizer = options.number % 4 === 0;
  }

  async live(): Promise<void> {
    const { isStopped } = this.#options;
    while (!isStopped()) {
      if (this.me === null) await this.#enter();
      else await this.#doSomething();
      await pause(this.chance.next() * THINKS_MS);
    }
  }

  async #doSomething(): Promise<void> {
    const possible = COMMANDS.flatMap((command) => {
      const wish = command.weight === 0 ? null : command.wish(this);
      return wish === null ? [] : [[command.weight, { name: command.name, wish }] as const];
    });
    if (possible.length === 0) return;
    const { name, wish } = this.chance.weighted(possible);
    await this.ask(name, wish);
  }

  /** Asks, makes what there is to make of the answer, and looks now and then whether it is to be seen. */
  async ask(name: string, wish: Wish): Promise<Told | null> {
    const { asking, progress } = this.#options;
    const minPosition = wish.method === "GET" ? { minPosition: String(this.#position) } : {};
    const told = await asking.ask(name, { ...minPosition, ...wish });
    if (told === null) return null;
    progress.byCommand.set(name, (progress.byCommand.get(name) ?? 0) + 1);
    if (told.position !== null && BigInt(told.position) > this.#position) this.#position = BigInt(told.position);
    if (!isGranted(told)) {
      wish.refused?.(codeIn(told.body), told);
      return told;
    }
    progress.granted.set(name, (progress.granted.get(name) ?? 0) + 1);
    wish.took?.(told);
    const look = this.chance.is(0.25) ? wish.readBack?.(told) : null;
    if (look != null && told.position !== null) await asking.look(look, { as: wish.as, minPosition: told.position });
    return told;
  }

  /** Makes himself known: most as an account, some as a guest. */
  async #enter(): Promise<void> {
    const { admin } = this.#options;
    if (this.account === null) {
      const email = this.isAdmin ? admin.email : `client-${this.number}-${randomUUID()}@example.org`;
      const password = this.isAdmin ? admin.password : PASSWORD;
      if (!this.isAdmin) await this.ask("register", registering(email, password));
      await this.ask(
        "sign in",
        signingIn(email, password, (identity) => this.signedIn(identity)),
      );
    } else await this.signInAgain(this.account.email ?? "");
  }

  async signInAgain(email: string): Promise<void> {
    const { admin } = this.#options;
    const password = this.isAdmin ? admin.password : PASSWORD;
    await this.ask(
      "sign in",
      signingIn(email, password, (identity) => this.signedIn(identity)),
    );
  }

  signedIn(identity: Identity): void {
    this.me = identity;
    if (!identity.isGuest) this.account = identity;
  }
}

/** Whoever asks again may find that it was he who took the address. */
export const registering = (email: string, password = PASSWORD, took?: (accountId: string) => void): Wish => ({
  ...{ method: "POST", route: "/accounts", as: null, isKeyed: false, refusals: ["email-taken"] },
  body: { email, password, name: "Somebody" },
  took: ({ body }) => took?.((body as { accountId: string }).accountId),
});

const signingIn = (email: string, password: string, took: (identity: Identity) => void): Wish => ({
  // Whether he was registered is unknown where the answer was lost.
  ...{ method: "POST", route: "/sessions", as: null, isKeyed: false, refusals: ["bad-credentials"] },
  body: { email, password },
  took: ({ body }) => {
    const { accountId, token } = body as { accountId: string; token: string };
    took({ accountId, token, isGuest: false, email });
  },
});

import type { HttpMethod } from "../../system/http-client.ts";
import type { Buyer } from "./buyer.ts";

/** Who asks. */
export interface Identity {
  readonly accountId: string;
  readonly token: string;
  readonly isGuest: boolean;
  /** null: of a guest. */
  readonly email: string | null;
}

/** An answer that says something. */
export interface Told {
  readonly status: number;
  readonly body: unknown;
  readonly position: string | null;
}

/** One thing to ask for. */
export interface Wish {
  readonly method: HttpMethod;
  /** As the API names it, e.g. `/events/:eventId/reservations`. */
  readonly route: string;
  /** The route's parameters, in their order. */
  readonly of?: readonly string[];
  readonly body?: unknown;
  /** null: without a token. */
  readonly as: Identity | null;
  /** Whether it goes with an `Idempotency-Key`; without one a POST is not asked for again. */
  readonly isKeyed: boolean;
  readonly ifMatch?: string;
  readonly minPosition?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Codes by which it may be refused, whatever the moment; any other refusal is a surprise. */
  readonly refusals: readonly string[];
  /** Another body, for the same key: what nobody may do. */
  readonly otherBody?: unknown;
  /** What to look at once it was granted. */
  readonly readBack?: (told: Told) => Look | null;
  /** What the client makes of what he was granted. */
  readonly took?: (told: Told) => void;
  /** What he makes of a refusal. */
  readonly refused?: (code: string, told: Told) => void;
}

/** A thing to read. */
export interface Look {
  readonly name: string;
  readonly route: string;
  readonly of: readonly string[];
}

/** A row of the table of all that clients ask for. */
export interface Command {
  readonly name: string;
  /** The larger the number, the more often. */
  readonly weight: number;
  /** What to ask for now; null: he has nothing that it could be about. */
  readonly wish: (buyer: Buyer) => Wish | null;
}

/** The stable code of a problem; empty for what is none. */
export const codeIn = (body: unknown): string => (body as { readonly code?: string } | null)?.code ?? "";

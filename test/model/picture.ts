import type { Booking, Cart, Office, TicketType } from "./expected/office.ts";

/** How everything stands, in a form in which the model and the product's log can be compared. */
export interface Picture {
  readonly types: Readonly<Record<string, TypePicture>>;
  readonly carts: Readonly<Record<string, unknown>>;
  readonly bookings: Readonly<Record<string, unknown>>;
  readonly charges: Readonly<Record<string, unknown>>;
}

export interface TypePicture {
  readonly capacity: number;
  readonly held: Readonly<Record<string, HeldPicture>>;
  readonly bought: Readonly<Record<string, BoughtPicture>>;
  /** Entries in their order. */
  readonly waiting: readonly string[];
}

export interface HeldPicture {
  readonly account: string;
  readonly quantity: number;
  readonly price: number;
  readonly endsAtMs: number;
  readonly kind: "plain" | "line" | "offer";
  readonly extended: boolean;
  readonly declined: number;
  readonly claim: { readonly booking: string; readonly deadlineMs: number } | null;
}

export interface BoughtPicture {
  readonly account: string;
  readonly booking: string;
  readonly tickets: readonly number[];
}

/** The model's. */
export const pictureOf = (office: Office): Picture => ({
  types: mapped(office.types, typePicture),
  carts: mapped(office.carts, cartPicture),
  bookings: mapped(office.bookings, bookingPicture),
  charges: mapped(office.charges, ({ status, amount, refunded }) => ({ status, amount, refunded })),
});

const typePicture = ({ capacity, held, bought, waiting }: TicketType): TypePicture => ({
  capacity,
  held: mapped(held, (one) => one),
  bought: mapped(bought, (one) => one),
  waiting: waiting.map(({ entry }) => entry),
});

const cartPicture = ({ id, status, endsAtMs, currency, types }: Cart) => ({ id, status, endsAtMs, currency, types });

const bookingPicture = ({ status, money, total, deadlineMs, isLetGo, ...rest }: Booking) => ({
  status,
  money,
  total,
  deadlineMs,
  isLetGo,
  cancelled: [...rest.cancelled].sort(),
  returned: rest.cancellations.map(({ isReturned }) => isReturned),
  refunds: rest.refunds.map(({ amount, isDone }) => ({ amount, isDone })),
});

export const mapped = <One, Other>(map: ReadonlyMap<string, One>, to: (one: One) => Other): Record<string, Other> =>
  Object.fromEntries([...map].map(([key, one]) => [key, to(one)]));

/** What differs, one line each: where, what is expected and what there is. */
export function differences(expected: unknown, actual: unknown, at = ""): readonly string[] {
  if (expected === actual) return [];
  if (isTable(expected) && isTable(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differences(expected[key], actual[key], at === "" ? key : `${at}.${key}`));
  }
  return [`${at}: expected ${JSON.stringify(expected)}, there is ${JSON.stringify(actual)}`];
}

const isTable = (one: unknown): one is Record<string, unknown> => typeof one === "object" && one !== null;

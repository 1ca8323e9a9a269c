import { type InputError, Problem } from "../problems/problem.ts";
import type { NewEvent } from "./requests.ts";

interface Span {
  readonly begins: string | undefined;
  readonly ends: string | undefined;
  /** The field to blame. */
  readonly path: string;
  readonly message: string;
}

/**
 * Every end of a new event that lies before its beginning, at once; what is not said contradicts nothing here. A change
 * is judged by the listing instead, which knows the other date.
 * @throws Problem `invalid-dates`
 */
export function requireOrderedDates(event: NewEvent): void {
  const errors = spansOf(event).flatMap(({ begins, ends, path, message }): InputError[] =>
    begins !== undefined && ends !== undefined && ends < begins ? [{ in: "body", path, message }] : [],
  );
  if (errors.length > 0) throw new Problem("invalid-dates", { errors });
}

/** Times are compared as texts: `time` has made them UTC of one length. */
function spansOf(event: NewEvent): Span[] {
  const { startsAt, endsAt, saleStartsAt, saleEndsAt } = event;
  return [
    { begins: startsAt, ends: endsAt, path: "/endsAt", message: "must not be before startsAt" },
    { begins: saleStartsAt, ends: saleEndsAt, path: "/saleEndsAt", message: "must not be before saleStartsAt" },
    ...(event.ticketTypes ?? []).flatMap((type, index) => {
      if (type.saleStartsAt === undefined && type.saleEndsAt === undefined) return []; // then it is the event's
      const field = type.saleEndsAt === undefined ? "saleStartsAt" : "saleEndsAt";
      const message =
        field === "saleEndsAt" ? "must not be before saleStartsAt" : "must not be after the event's saleEndsAt";
      const path = `/ticketTypes/${index}/${field}`;
      return [{ begins: type.saleStartsAt ?? saleStartsAt, ends: type.saleEndsAt ?? saleEndsAt, path, message }];
    }),
  ];
}

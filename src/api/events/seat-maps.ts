import { z } from "zod";
import { type ReadMap, readSeatMap } from "../../domain/seating/reading-maps.ts";
import { MAX_QUALITY, MAX_SEATS, MAX_SEATS_A_ROW, NAME } from "../../domain/seating/seat-map.ts";
import { money } from "../conventions/fields.ts";

// What is documented is stricter than what is looked at here: the rest is told by `lookInto`, of the whole map at once.
const name = z
  .string()
  .max(1_000)
  .meta({ description: "1 to 32 letters and digits", pattern: NAME.source, minLength: 1, maxLength: 32 });
const names = z
  .array(name)
  .max(MAX_SEATS_A_ROW + 1)
  .meta({ maxItems: MAX_SEATS_A_ROW });
const seats = z
  .union([z.string().max(100_000), names])
  .meta({ description: "Names, in the order in which they stand; or short: `1-20`, `1-9,11,A`" });

const row = z
  .strictObject({
    name,
    seats,
    quality: z.int().min(0).max(MAX_QUALITY).optional().meta({ description: "The higher, the better; without it 0" }),
    accessible: seats.optional().meta({ description: "Kept for those who ask for accessible seats" }),
    companions: seats.optional().meta({ description: "For those who come with them, kept in the same way" }),
    blocked: seats.optional().meta({ description: "Not for sale until they are unblocked" }),
  })
  .meta({ id: "SeatRow" });

const section = z
  .strictObject({
    name,
    price: money.optional().meta({ description: "Without it, the ticket type's" }),
    rows: z.array(row),
  })
  .meta({ id: "SeatSection" });

/** A seat map as an organizer sends it; what it says has yet to be looked into: {@link lookInto}. */
export const seatMap = z.strictObject({ sections: z.array(section) }).meta({
  id: "SeatMap",
  description: `${MAX_SEATS_A_ROW} seats a row at most, ${MAX_SEATS} in all`,
  examples: [
    {
      sections: [
        {
          name: "STALLS",
          price: { amount: 9000, currency: "EUR" },
          rows: [
            { name: "A", seats: "1-20", quality: 10, accessible: ["1"], companions: ["2"] },
            { name: "B", seats: "1-20" },
          ],
        },
      ],
    },
  ],
});

type Issue = (path: readonly (string | number)[], message: string) => void;

/** Tells all that is wrong with a map, and where from the map down. */
export function lookInto(map: z.output<typeof seatMap>, wrong: Issue): void {
  const read = readSeatMap(map);
  if ("issues" in read) for (const { path, message } of read.issues) wrong(path, message);
}

/** A map that was found to be right. */
export function seatingOf(map: z.output<typeof seatMap>): ReadMap {
  const read = readSeatMap(map);
  if ("issues" in read) throw new Error("a seat map that was not looked into");
  return read;
}

import type { BookingFacts, EventFacts, NoticeFacts } from "./facts.ts";
import type { BoughtTickets, SaidEvent, SaidTickets } from "./texts.ts";

interface Line {
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly quantity: number;
  readonly seats?: readonly string[];
}

type EventSource = Pick<NoticeFacts, "event">;

/** Mails don't list more codes of a ticket type than this. */
const MOST_CODES = 500;

/**
 * A line with the names of its event and ticket type.
 * @throws Error the event is not known, though the read models have passed it
 */
export async function saidLine(line: Line, facts: EventSource): Promise<SaidTickets> {
  const { eventId, ticketTypeId, quantity, seats } = line;
  const event = await facts.event(eventId);
  if (event === null) throw new Error(`no event ${eventId}`);
  return { event: saidEvent(event), ticketType: typeName(event, ticketTypeId), quantity, ...(seats && { seats }) };
}

export const saidLines = (lines: readonly Line[], facts: EventSource): Promise<readonly SaidTickets[]> =>
  Promise.all(lines.map((line) => saidLine(line, facts)));

/** The tickets of a booking that are valid, with their codes, by ticket type. */
export async function ticketsWithCodes(
  { lines, tickets }: BookingFacts,
  facts: EventSource,
): Promise<BoughtTickets["tickets"]> {
  const valid = tickets.filter(({ status }) => status === "VALID");
  const byType = [...Map.groupBy(valid, ({ ticketTypeId }) => ticketTypeId)].map(([ticketTypeId, ofType]) => {
    const eventId = lines.find((line) => line.ticketTypeId === ticketTypeId)?.eventId;
    if (eventId === undefined) throw new Error(`a ticket of ${ticketTypeId}, which was not bought`);
    const seats = ofType.flatMap(({ seat }) => seat ?? []);
    return {
      eventId,
      ticketTypeId,
      quantity: ofType.length,
      ...(seats.length > 0 && { seats }),
      codes: ofType.slice(0, MOST_CODES).map(({ code }) => code),
    };
  });
  const said = await saidLines(byType, facts);
  return said.map((one, index) => ({ ...one, codes: byType[index]?.codes ?? [] }));
}

/** Only what mails say of it. */
export const saidEvent = ({ name, startsAt, endsAt, timeZone, venue }: EventFacts): SaidEvent => ({
  name,
  startsAt,
  endsAt,
  timeZone,
  venue,
});

const typeName = ({ ticketTypes }: EventFacts, ticketTypeId: string): string =>
  ticketTypes.find((one) => one.ticketTypeId === ticketTypeId)?.name ?? "Ticket";

import type { ScriptedProvider } from "../support/scripted-provider.ts";
import type { OnRecord } from "./on-record.ts";
import type { RecordedBooking } from "./recorded-booking.ts";

/**
 * What is wrong when everything was seen to and nothing is pending any more. It goes by the log and by the provider's
 * own books, and knows only what has been promised: nobody is charged without tickets, nobody has tickets without having
 * paid for them, and what was promised back is back.
 */
export function faultsAtRest(record: OnRecord, provider: ScriptedProvider): readonly string[] {
  const faults: string[] = [];
  const { bookings, types } = record;
  const bought = new Map<string, Set<string>>();
  for (const [typeId, type] of types) {
    for (const [id, { booking, tickets }] of Object.entries(type.bought)) {
      const known = bought.get(booking) ?? new Set();
      for (const ticket of tickets) known.add(`${id}/${ticket}`);
      bought.set(booking, known);
      if (bookings.get(booking)?.status !== "paid")
        faults.push(`${typeId}: ${id} is bought by ${booking}, which is not paid`);
    }
    for (const [id, { claim }] of Object.entries(type.held)) {
      if (claim !== null) faults.push(`${typeId}: ${id} is still claimed for ${claim.booking}`);
    }
  }
  const charges = new Map([...provider.charges.values()].map((charge) => [charge.attemptId, charge]));
  for (const [id, booking] of bookings) {
    const about = (fault: string) => void faults.push(`booking ${id}, ${booking.status}: ${fault}`);
    for (const fault of unfinished(booking)) about(fault);
    const tickets = booking.status === "paid" ? booking.validTickets() : [];
    const has = bought.get(id) ?? new Set();
    if (tickets.length !== has.size || tickets.some((ticket) => !has.has(ticket))) {
      about(`has tickets ${tickets.join()} and in the inventories ${[...has].join()}`);
    }
    const { opened, money, attempt, promised } = booking;
    const total = opened?.total.amount ?? 0;
    const sum = (opened?.lines ?? []).reduce((all, { quantity, unitPrice }) => all + quantity * unitPrice.amount, 0);
    if (total !== sum) about(`costs ${total}, its lines ${sum}`);
    const charge = attempt === null ? undefined : charges.get(attempt);
    if (attempt !== null) charges.delete(attempt);
    const taken = charge?.status === "captured" ? charge.amount.amount : 0;
    if (taken !== (money === "captured" ? total : 0)) about(`charged ${taken} of ${total}, on record ${money}`);
    if ((charge?.refundedMinor ?? 0) !== promised) about(`${charge?.refundedMinor} is back of ${promised} promised`);
    if (booking.status !== "paid" && taken !== promised) about(`${taken} was taken for nothing, ${promised} is back`);
    if (booking.status === "paid" && total > 0 && taken === 0) about("has its tickets for nothing");
    if (charge?.status === "authorized") about("its money is still set aside");
  }
  for (const { attemptId, status } of charges.values()) {
    if (status !== "voided" && status !== "declined") faults.push(`charge ${attemptId} is nobody's, and ${status}`);
  }
  return faults;
}

function unfinished({ status, money, isLetGo, isReturned, refunds }: RecordedBooking): readonly string[] {
  const isOver = status === "declined" || status === "timed-out" || status === "withdrawn";
  return [
    ...(status === "paid" || isOver ? [] : ["has not come to an end"]),
    ...(isOver && !isLetGo ? ["its reservations were not let go"] : []),
    ...(money === "asked" ? ["its payment is not settled"] : []),
    ...(isReturned ? [] : ["cancelled tickets are not back"]),
    ...([...refunds.values()].every(({ isDone }) => isDone) ? [] : ["a refund is not done"]),
  ];
}

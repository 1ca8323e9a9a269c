import { type Booking, type Charge, known, type Line, type Office, sum } from "./office.ts";

/** What became of a call of the provider; null: there was no answer. */
export type Answer = Charge["status"] | null;

const BY_METHOD: Readonly<Record<string, Charge["status"]>> = {
  ok: "authorized",
  decline: "declined",
  action: "requires-action",
  charge: "captured",
};

/** The next call of a kind goes as it was decided that it goes wrong: nothing is done, or done and not heard of. */
function call(office: Office, kind: Office["faults"][number]["call"], act: () => Charge["status"]): Answer {
  const at = office.faults.findIndex((one) => one.call === kind);
  const fault = at < 0 ? null : known(office.faults[at]).fault;
  office.faults = office.faults.filter((_, index) => index !== at);
  if (fault === "away") return null;
  const status = act();
  return fault === null ? status : null;
}

export function authorize(office: Office, { id, method, total: amount }: Booking): Answer {
  return call(office, "authorize", () => {
    const status = BY_METHOD[known(method ?? undefined)] ?? "pending";
    office.charges.set(id, { status, method: known(method ?? undefined), amount, refunded: 0 });
    return status;
  });
}

export function capture(office: Office, { id }: Booking): Answer {
  return call(office, "capture", () => {
    const charge = known(office.charges.get(id));
    if (charge.status === "authorized") charge.status = "captured";
    return charge.status;
  });
}

/** What is pending of a method that can't be stopped stays so. What the provider never heard of will never be. */
export function stop(office: Office, { id }: Booking): Answer {
  return call(office, "void", () => {
    const charge = office.charges.get(id) ?? { status: "pending", method: "", amount: 0, refunded: 0 };
    office.charges.set(id, charge);
    const isFinal = ["captured", "declined", "voided"].includes(charge.status);
    if (!isFinal && !(charge.method === "unstoppable" && charge.status === "pending")) charge.status = "voided";
    return charge.status;
  });
}

/** Gives money back, once however often it is asked for. */
export function refund(office: Office, { id }: Booking, one: Booking["refunds"][number]): void {
  const answer = call(office, "refund", () => {
    const charge = known(office.charges.get(id));
    if (!one.isGiven) charge.refunded += one.amount;
    one.isGiven = true;
    return charge.status;
  });
  one.isDone = answer !== null;
}

/** What was taken and not promised back. */
export const refundable = ({ money, total, refunds }: Booking): number =>
  money === "captured" ? total - sum(refunds.map(({ amount }) => amount)) : 0;

/** What one ticket brings back. */
export function shareOf(
  office: Office,
  { said }: Booking,
  { event, price }: Line,
  cancelled: ReadonlySet<string>,
): number {
  if (cancelled.has(event)) return price;
  const { startsAtMs, policy } = known(said.get(event));
  if (policy === null) return startsAtMs === null || office.nowMs < startsAtMs ? price : 0;
  const ahead = policy.filter(({ untilMs }) => office.nowMs < untilMs);
  const next = ahead.reduce<(typeof ahead)[number] | null>(
    (first, one) => (first === null || one.untilMs < first.untilMs ? one : first),
    null,
  );
  return next === null ? 0 : Math.floor((price * next.percent + 50) / 100);
}

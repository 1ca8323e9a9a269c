import { describe, expect, it } from "vitest";
import {
  askedAgain,
  begun,
  cameDue,
  captured,
  completed,
  type KeptCharge,
  refunded,
  shown,
  stoppedBefore,
  voided,
} from "../../src/payments/sandbox/charge.ts";
import { isSandboxMethod } from "../../src/payments/sandbox/methods.ts";

const NOW = Date.parse("2027-03-01T12:00:00.000Z");
const DEADLINE = NOW + 900_000;
const order = (method: string) => ({
  bookingId: "b1",
  amount: { amount: 4500, currency: "EUR" },
  method,
  deadline: new Date(DEADLINE).toISOString(),
});
const fresh = { attemptId: "a1", chargeId: "ch_1", clientSecret: "s1", nowMs: NOW };
const asked = (method: string): KeptCharge => begun(order(method), fresh);

describe("what comes of asking", () => {
  it.each([
    ["sandbox-ok", "authorized", null],
    ["sandbox-decline", "declined", null],
    ["sandbox-slow", "pending", NOW + 3_000],
    ["sandbox-never", "pending", null],
    ["sandbox-late", "pending", DEADLINE + 2_000],
    ["sandbox-action", "requires-action", null],
    ["sandbox-charge", "captured", null],
  ])("%s is %s", (method, status, dueMs) => {
    expect(asked(method)).toMatchObject({ status, dueMs });
    expect(isSandboxMethod(method)).toBe(true);
  });

  it("gives a reason for a decline, and a secret where the buyer has something to do", () => {
    expect(shown(asked("sandbox-decline"))).toMatchObject({ declineReason: "card-declined", clientSecret: null });
    expect(shown(asked("sandbox-action"))).toMatchObject({ declineReason: null, clientSecret: "s1" });
    expect(shown(asked("sandbox-ok")).clientSecret).toBeNull();
    expect(isSandboxMethod("pm_card_visa")).toBe(false);
  });

  it("is the same when asked again with the same words only", () => {
    const charge = asked("sandbox-ok");
    expect(askedAgain(charge, order("sandbox-ok"))).toBe(charge);
    const { amount, ...rest } = order("sandbox-ok");
    for (const other of [
      { ...rest, amount: { ...amount, amount: 4501 } },
      { ...rest, amount: { ...amount, currency: "CHF" } },
      { ...rest, amount, bookingId: "b2" },
      { ...rest, amount, method: "sandbox-slow" },
      { ...rest, amount, deadline: new Date(NOW).toISOString() },
    ]) {
      expect(askedAgain(charge, other)).toBe("id-reused");
    }
  });
});

describe("stopping", () => {
  it.each([
    ["sandbox-ok", "voided"],
    ["sandbox-slow", "voided"],
    ["sandbox-never", "voided"],
    ["sandbox-action", "voided"],
    ["sandbox-late", "pending"],
    ["sandbox-decline", "declined"],
    ["sandbox-charge", "captured"],
  ])("%s is then %s", (method, status) => {
    const stopped = voided(asked(method));
    expect(stopped.status).toBe(status);
    if (status === "voided") expect(stopped.dueMs).toBeNull();
    expect(voided(stopped)).toBe(stopped);
  });

  it("works for a late payment once it has come", () => {
    const late = cameDue(asked("sandbox-late"));
    expect(late).toMatchObject({ status: "authorized", dueMs: null });
    expect(voided(late).status).toBe("voided");
  });

  it("before it is asked for keeps it from succeeding", () => {
    const stopped = stoppedBefore(fresh);
    expect(shown(stopped)).toMatchObject({ status: "voided", bookingId: "", amount: { amount: 0, currency: "XXX" } });
    const after = askedAgain(stopped, order("sandbox-ok")) as KeptCharge;
    expect(shown(after)).toMatchObject({ status: "voided", bookingId: "b1", amount: { amount: 4500 } });
    expect(captured(after)).toBe("not-possible");
  });
});

describe("taking and giving back", () => {
  const taken = () => captured(asked("sandbox-ok")) as KeptCharge;
  const eur = (amount: number) => ({ amount, currency: "EUR" });

  it("takes what is authorized, once", () => {
    expect(taken().status).toBe("captured");
    const charge = taken();
    expect(captured(charge)).toBe(charge);
    for (const method of ["sandbox-decline", "sandbox-slow", "sandbox-never", "sandbox-action"]) {
      expect(captured(asked(method))).toBe("not-possible");
    }
    expect(captured(voided(asked("sandbox-ok")))).toBe("not-possible");
  });

  it("gives back in parts, as much as was taken", () => {
    const once = refunded(taken(), eur(4_000)) as KeptCharge;
    expect(once).toMatchObject({ status: "captured", refundedMinor: 4_000 });
    expect(refunded(once, eur(501))).toBe("not-possible");
    expect(refunded(once, eur(500))).toMatchObject({ refundedMinor: 4_500 });
    expect(refunded(once, { amount: 1, currency: "CHF" })).toBe("not-possible");
    expect(refunded(asked("sandbox-ok"), eur(1))).toBe("not-possible");
  });
});

describe("what the buyer has to do", () => {
  it("authorizes, or declines, with the secret only", () => {
    const charge = asked("sandbox-action");
    expect(completed(charge, "guessed", true)).toBe("wrong-secret");
    expect(completed(charge, "s1", true)).toMatchObject({ status: "authorized" });
    expect(completed(charge, "s1", false)).toMatchObject({ status: "declined", declineReason: "not-confirmed" });
    expect(completed(asked("sandbox-ok"), "s1", true)).toBe("wrong-secret");
  });

  it("comes too late for what was stopped", () => {
    expect(completed(voided(asked("sandbox-action")), "s1", true)).toBe("not-possible");
    const done = completed(asked("sandbox-action"), "s1", true) as KeptCharge;
    expect(completed(done, "s1", true)).toBe(done);
  });
});

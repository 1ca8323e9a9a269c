import { describe, expect, it } from "vitest";
import { type Admission, admissionIdOf, type Entry, roomTokensBy } from "../../src/waiting-room/tokens.ts";

const eventId = "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16";
const accountId = "019f0000-0000-7000-8000-000000000003";
const tokens = roomTokensBy(Buffer.alloc(32, 1));
const entry: Entry = { eventId, accountId, round: 3, classIndex: 1, second: 86_401 };
const admission: Admission = {
  eventId,
  accountId,
  round: 3,
  enteredAtMs: Date.parse("2026-12-01T10:00:00Z"),
  expiresAtMs: Date.parse("2026-12-01T10:15:00.250Z"),
};

describe("tokens", () => {
  it("carry what was signed", () => {
    expect(tokens.readEntry(tokens.entryToken(entry))).toEqual(entry);
    expect(tokens.readAdmission(tokens.admissionToken(admission))).toEqual(admission);
  });

  it("are the same for the same facts: entering twice in a second is entering once", () => {
    expect(tokens.entryToken(entry)).toBe(tokens.entryToken({ ...entry }));
    expect(tokens.entryToken({ ...entry, second: 86_402 })).not.toBe(tokens.entryToken(entry));
  });

  it("are short", () => {
    expect(tokens.entryToken(entry).length).toBeLessThan(80);
    expect(tokens.admissionToken(admission).length).toBeLessThan(100);
  });

  it("forged ones are refused, whichever bit was changed", () => {
    for (const [token, read] of [
      [tokens.entryToken(entry), tokens.readEntry],
      [tokens.admissionToken(admission), tokens.readAdmission],
    ] as const) {
      const bytes = Buffer.from(token, "base64url");
      for (let place = 0; place < bytes.length; place += 1) {
        const forged = Buffer.from(bytes);
        forged[place] = (forged[place] as number) ^ 1;
        expect(read(forged.toString("base64url"))).toBeNull();
      }
    }
  });

  it("of another installation, of another kind, and what is no token at all are refused", () => {
    const others = roomTokensBy(Buffer.alloc(32, 2));
    expect(tokens.readEntry(others.entryToken(entry))).toBeNull();
    expect(tokens.readAdmission(tokens.entryToken(entry))).toBeNull();
    expect(tokens.readEntry(tokens.admissionToken(admission))).toBeNull();
    for (const text of ["", "a", "ä".repeat(78), "=".repeat(78), "A".repeat(10_000)]) {
      expect(tokens.readEntry(text)).toBeNull();
      expect(tokens.readAdmission(text)).toBeNull();
    }
  });

  it("what goes on record of an admission tells it apart, and is not the token", () => {
    expect(admissionIdOf(admission)).toHaveLength(22);
    expect(admissionIdOf({ ...admission, enteredAtMs: 0 })).not.toBe(admissionIdOf(admission));
    expect(tokens.admissionToken(admission)).not.toContain(admissionIdOf(admission));
  });
});

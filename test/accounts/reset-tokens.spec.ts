import { describe, expect, it } from "vitest";
import { createResetTokens } from "../../src/accounts/reset-tokens.ts";

const [OLD, NEW] = ["an old secret that is long enough", "a new secret that is long enough"];

describe("tokens of password resets", () => {
  it("are the same each time, and lead back to their reset", () => {
    const tokens = createResetTokens([OLD]);
    const resetId = crypto.randomUUID();
    expect(tokens.of(resetId)).toBe(createResetTokens([OLD]).of(resetId));
    expect(tokens.of(resetId)).toMatch(/^[\w-]{43}$/);
    expect(tokens.read(tokens.of(resetId))).toBe(resetId);
  });

  it("outlast a change of the secret, while the old one is known", () => {
    const resetId = crypto.randomUUID();
    const token = createResetTokens([OLD]).of(resetId);
    expect(createResetTokens([NEW, OLD]).read(token)).toBe(resetId);
    expect(createResetTokens([NEW]).read(token)).toBeNull();
  });

  it("can't be made from what the database has, nor be changed, nor be written in another way", () => {
    const tokens = createResetTokens([OLD]);
    const token = tokens.of(crypto.randomUUID());
    const bytes = Buffer.from(token, "base64url");
    const changed = Array.from(bytes, (_, i) => Buffer.from(bytes.map((byte, at) => (at === i ? byte ^ 1 : byte))));
    const others = [...changed.map((one) => one.toString("base64url")), bytes.toString("base64"), `${token}A`];
    for (const other of [...others, token.slice(1), ` ${token}`, "", "x", crypto.randomUUID()]) {
      if (other !== token) expect(tokens.read(other), other).toBeNull();
    }
  });
});

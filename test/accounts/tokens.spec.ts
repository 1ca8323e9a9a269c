import { describe, expect, it } from "vitest";
import { jwtSecretsOf } from "../../src/accounts/jwt-secrets.ts";
import { createTokens, type TokenClaims } from "../../src/accounts/tokens.ts";

const [OLD, NEW] = ["an old secret that is long enough for HS256", "a new secret that is long enough for HS256"];
const claims = (expiresAtMs = 9_000_000_000_000): TokenClaims => ({
  sessionId: crypto.randomUUID(),
  accountId: crypto.randomUUID(),
  expiresAtMs,
});
const tokensBy = (setting: string) => createTokens(jwtSecretsOf(setting));

describe("changing the secret that signs tokens", () => {
  it("leaves no gap: nodes that know both take what either signed", () => {
    const one = claims();
    const steps = [OLD, `${OLD}, ${NEW}`, `${NEW},${OLD}`].map(tokensBy);
    const signed = steps.map((tokens) => tokens.issue(one));
    // While nodes are restarted one by one, those of one step meet tokens of the step before and of their own.
    expect(steps[1]?.read(signed[0] as string)).toEqual(one);
    expect(steps[1]?.read(signed[2] as string)).toEqual(one);
    expect(steps[2]?.read(signed[1] as string)).toEqual(one);
    expect(tokensBy(NEW).read(signed[2] as string)).toEqual(one);
  });

  it("withdraws every token of a secret that is left out", () => {
    const token = tokensBy(`${OLD},${NEW}`).issue(claims());
    expect(tokensBy(NEW).read(token)).toBe("token-invalid");
  });

  it("tells an expired token of an older secret from one that nobody signed", () => {
    const token = tokensBy(OLD).issue(claims(1_000));
    expect(tokensBy(`${NEW},${OLD}`).read(token)).toBe("token-expired");
    expect(tokensBy(`${NEW},another`).read(token)).toBe("token-invalid");
  });
});

it.each(["-".repeat(36), "f".repeat(36), `${"-".repeat(35)}f`, `${crypto.randomUUID()}\n`, ""])(
  "takes no token that names %j, which the database could not look up",
  (odd) => {
    const tokens = tokensBy(NEW);
    expect(tokens.read(tokens.issue({ ...claims(), sessionId: odd }))).toBe("token-invalid");
    expect(tokens.read(tokens.issue({ ...claims(), accountId: odd }))).toBe("token-invalid");
  },
);

describe("JWT_SECRET", () => {
  it("is one secret, or several by commas", () => {
    expect(jwtSecretsOf("one")).toEqual(["one"]);
    expect(jwtSecretsOf(" one ,two,, ")).toEqual(["one", "two"]);
    expect(() => jwtSecretsOf(",")).toThrow("JWT_SECRET has no secret in it");
  });
});

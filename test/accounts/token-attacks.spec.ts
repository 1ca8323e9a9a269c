import { createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createResetTokens } from "../../src/accounts/reset-tokens.ts";
import { createTokens } from "../../src/accounts/tokens.ts";

const SECRET = "a secret that is long enough for HS256";
const NOW_MS = Date.parse("2030-01-01T00:00:00Z");
const IDS = { sid: crypto.randomUUID(), sub: crypto.randomUUID() };
const CLAIMS = { ...IDS, iat: NOW_MS / 1000, exp: NOW_MS / 1000 + 600 };
const tokens = createTokens([SECRET], () => NOW_MS);

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const signed = (text: string, key: string | Buffer = SECRET, algorithm = "sha256"): string =>
  `${text}.${createHmac(algorithm, key).update(text).digest("base64url")}`;
const jwt = (header: object, claims: object = CLAIMS, key: string | Buffer = SECRET) =>
  signed(`${part(header)}.${part(claims)}`, key);

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
const byRsa = (header: object) => {
  const text = `${part(header)}.${part(CLAIMS)}`;
  return `${text}.${signBytes("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
};
const right = tokens.issue({ sessionId: IDS.sid, accountId: IDS.sub, expiresAtMs: NOW_MS + 600_000 });
const [rightHeader = "", rightClaims = "", rightSignature = ""] = right.split(".");

describe("a token", () => {
  it("that is right is taken: what is refused below is so for its one fault", () => {
    expect(tokens.read(jwt({ alg: "HS256", typ: "JWT" }))).toMatchObject({ sessionId: IDS.sid, accountId: IDS.sub });
    expect(tokens.read(right)).toMatchObject({ sessionId: IDS.sid });
  });

  it.each<[string, string]>([
    ...["none", "None", "NONE", "nOnE", ""].map((alg): [string, string] => [
      `with the algorithm "${alg}"`,
      `${part({ alg, typ: "JWT" })}.${part(CLAIMS)}.`,
    ]),
    ["with the algorithm none and a signature", jwt({ alg: "none" })],
    ["without an algorithm", jwt({ typ: "JWT" })],
    ["whose algorithm is no text", jwt({ alg: ["HS256"] })],
    ["by RS256", byRsa({ alg: "RS256" })],
    ["by RS256 whose key it brings along", byRsa({ alg: "RS256", jwk: publicKey.export({ format: "jwk" }) })],
    ["that names where its key is", byRsa({ alg: "RS256", jku: "http://127.0.0.1:1/keys", x5u: "http://127.0.0.1:1" })],
    ["that says RS256 and is signed with the secret", jwt({ alg: "RS256" })],
    ["by a public key as the secret", jwt({ alg: "HS256" }, CLAIMS, pem)],
    ["that brings its symmetric key along", jwt({ alg: "HS256", jwk: { kty: "oct", k: part("x") } }, CLAIMS, "x")],
    ["whose key id is a path", jwt({ alg: "HS256", kid: "../../../../dev/null" }, CLAIMS, "")],
    ["whose key id is SQL", jwt({ alg: "HS256", kid: "' union select 'x' --" }, CLAIMS, "x")],
    ["by an empty secret", jwt({ alg: "HS256" }, CLAIMS, "")],
    ["by another secret", jwt({ alg: "HS256" }, CLAIMS, "another secret that is long enough for it")],
    ["by a part of the secret", jwt({ alg: "HS256" }, CLAIMS, SECRET.slice(0, -1))],
    ["by HS384", signed(`${part({ alg: "HS384" })}.${part(CLAIMS)}`, SECRET, "sha384")],
    ["by HS512", signed(`${part({ alg: "HS512" })}.${part(CLAIMS)}`, SECRET, "sha512")],
    ["whose claims were changed", `${rightHeader}.${part({ ...CLAIMS, sub: crypto.randomUUID() })}.${rightSignature}`],
    ["whose header was changed", `${part({ alg: "HS256", typ: "at+jwt" })}.${rightClaims}.${rightSignature}`],
    ["without its signature", `${rightHeader}.${rightClaims}.`],
    ["whose signature is cut", right.slice(0, -2)],
    ["whose signature is longer", `${right}AA`],
    ["with a fourth part", `${right}.${rightSignature}`],
    ["without claims", signed(`${part({ alg: "HS256" })}.`)],
    ["whose claims are a list", jwt({ alg: "HS256" }, [CLAIMS])],
    ["that never ends", jwt({ alg: "HS256" }, IDS)],
    ["whose end is a text", jwt({ alg: "HS256" }, { ...IDS, exp: "9999999999" })],
    ["whose end is no number", jwt({ alg: "HS256" }, { ...IDS, exp: null })],
    ["that is not yet valid", jwt({ alg: "HS256" }, { ...CLAIMS, nbf: NOW_MS / 1000 + 3_600 })],
    ["that has something critical which nobody knows", jwt({ alg: "HS256", crit: ["b64"], b64: false })],
    ["whose session is a list", jwt({ alg: "HS256" }, { ...CLAIMS, sid: [IDS.sid] })],
    ["whose account is no id", jwt({ alg: "HS256" }, { ...CLAIMS, sub: "' or 1=1 --" })],
    [
      "of another issuer, who has the same secret",
      jwt({ alg: "HS256" }, { iss: "https://other.example", sub: IDS.sub, exp: CLAIMS.exp }),
    ],
    ["of 5,000 levels", signed(`${part({ alg: "HS256" })}.${Buffer.from("[".repeat(5_000)).toString("base64url")}`)],
    ["of 15 KiB", "a".repeat(15_000)],
    ["of dots", ".".repeat(15_000)],
  ])("%s is invalid", (_, token) => {
    expect(tokens.read(token)).toBe("token-invalid");
    expect(tokens.read(token)).toBe("token-invalid"); // nor is it remembered as right
  });

  it("that has expired says so only if its signature is right", () => {
    const expired = { ...CLAIMS, exp: NOW_MS / 1000 - 1 };
    expect(tokens.read(jwt({ alg: "HS256" }, { ...expired, exp: Date.now() / 1000 - 60 }))).toBe("token-expired");
    expect(tokens.read(jwt({ alg: "HS256" }, { ...expired, exp: Date.now() / 1000 - 60 }, "x".repeat(40)))).toBe(
      "token-invalid",
    );
  });

  it("for another purpose is none for this one", () => {
    const resets = createResetTokens([SECRET]);
    const reset = resets.of(crypto.randomUUID());
    expect(tokens.read(reset)).toBe("token-invalid");
    expect(resets.read(right)).toBeNull();
    // The key of resets is derived: who signs by the secret itself makes none.
    const id = Buffer.from(crypto.randomUUID().replaceAll("-", ""), "hex");
    const proof = createHmac("sha256", SECRET).update(id).digest().subarray(0, 16);
    expect(resets.read(Buffer.concat([id, proof]).toString("base64url"))).toBeNull();
  });

  it("has claims as names of things that objects have anyway, without harm", () => {
    const claims = `{"sid":"${IDS.sid}","sub":"${IDS.sub}","exp":${CLAIMS.exp},"__proto__":{"polluted":1}}`;
    const text = `${part({ alg: "HS256" })}.${Buffer.from(claims).toString("base64url")}`;
    expect(tokens.read(signed(text))).toMatchObject({ sessionId: IDS.sid });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

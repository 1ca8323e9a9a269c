import { createHmac } from "node:crypto";

type Json = Readonly<Record<string, unknown>>;

const part = (json: unknown): string =>
  Buffer.from(typeof json === "string" ? json : JSON.stringify(json)).toString("base64url");

/** A JWT by hand (RFC 7515), so that each part of it can be wrong. */
function jwt(header: unknown, claims: unknown, secret: string, hash = "sha256"): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

const HS256 = { alg: "HS256", typ: "JWT" };
const FAR_S = 4_000_000_000;
const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";

/**
 * Tokens of which none may be taken for anybody's: made from one that is good, by somebody who has not the secret, or who
 * has it for something else.
 * @param good a token of somebody of whom nobody needs anything
 */
export function forgedTokens(good: string, secret: string): readonly string[] {
  const [header = "", claims = "", signature = ""] = good.split(".");
  const said = JSON.parse(Buffer.from(claims, "base64url").toString()) as Json;
  const { sid, sub } = said;
  const changed = (change: Json): Json => ({ ...said, exp: FAR_S, ...change });
  const signedByUs: readonly Json[] = [
    changed({ exp: 1 }),
    ...[null, "4000000000", -1, "soon", {}, []].map((exp) => changed({ exp })),
    ...[null, 0, {}, [], [sub], "", "me", "-".repeat(36), "0".repeat(36), `${sub}\n`, `${sub}'--`, NOWHERE].map((one) =>
      changed({ sub: one }),
    ),
    ...[null, 0, {}, [sid], "", "-".repeat(36), "f".repeat(36), `${"-".repeat(35)}f`, NOWHERE].map((one) =>
      changed({ sid: one }),
    ),
    changed({ sid: "-".repeat(36), sub: "-".repeat(36) }),
    changed({ nbf: FAR_S }),
    changed({ sid: sub, sub: sid }),
    {},
    { exp: FAR_S },
    { sub, exp: FAR_S },
    { sid, exp: FAR_S },
  ];
  const longer = changed({ exp: FAR_S, roles: ["admin"] });
  return [
    ...signedByUs.map((one) => jwt(HS256, one, secret)),
    ...["[]", "null", "1", '"x"', "{", "", "\u0000", '{"sid":1,"sid":2}', "[".repeat(2_000)].map((text) =>
      jwt(HS256, text, secret),
    ),
    // Signed by somebody else, by nobody, or in a way that was not agreed on.
    ...["", "x", `${secret} `, "secret"].map((other) => jwt(HS256, longer, other)),
    ...["none", "None", "NONE", "", null, "HS512", "RS256", "hs256", {}, ["HS256"]].map((alg) =>
      jwt({ alg, typ: "JWT" }, longer, secret, alg === "HS512" ? "sha512" : "sha256"),
    ),
    ...["none", "None", "nOnE"].map((alg) => `${part({ alg })}.${part(longer)}.`),
    ...[
      `${header}.${part(longer)}.${signature}`,
      `${header}.${claims}.`,
      `${header}.${claims}`,
      `${header}.${claims}.${signature}.${signature}`,
      `.${claims}.${signature}`,
      `${header}..${signature}`,
      `${header}.${claims}.${signature.slice(0, -2)}`,
      `${header}.${claims}.${"A".repeat(signature.length)}`,
      "..",
      ".",
      `${"a.".repeat(3_000)}b`,
    ],
  ].map((token) => `Bearer ${token}`);
}

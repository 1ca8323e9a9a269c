import { z } from "zod";
import type { HeadQueries } from "../../audit/heads/table.ts";
import { InvalidCursor } from "../../projections/cursor.ts";
import type { SignedHead } from "../../verifier/signed-head.ts";
import { time } from "../conventions/fields.ts";
import { listOf, listQuery } from "../conventions/lists.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";

const tags = ["Audit"];

export const signedHead = z
  .strictObject({
    count: z.int().meta({ description: "Events of the whole log up to here" }),
    position: z.string().meta({ description: "Of the last of them", examples: ["4711"] }),
    hash: z
      .string()
      .meta({ description: "SHA-256 over the head before it, the position and the event's hash, base64url" }),
    signedAt: time,
    keyId: z.string().meta({ description: "`kid` of the key" }),
    signature: z.string().meta({
      description:
        "Ed25519 over `boxoffice head v1`, count, position, hash and signedAt, each with a line break, base64url",
    }),
  })
  .meta({ id: "SignedHead" });

export const signedHeadView = (head: SignedHead): z.input<typeof signedHead> => ({
  count: head.count,
  position: head.position.toString(),
  hash: head.hash,
  signedAt: head.signedAt,
  keyId: head.keyId,
  signature: head.signature,
});

const publicKey = z
  .strictObject({
    kty: z.literal("OKP"),
    crv: z.literal("Ed25519"),
    x: z.string(),
    kid: z.string().meta({ description: "Thumbprint of the key by RFC 7638" }),
    alg: z.literal("EdDSA"),
    use: z.literal("sig"),
  })
  .meta({ id: "HeadKey", description: "A JSON Web Key (RFC 8037)" });

const POSITION = /^\d{1,39}$/;

/** Signed heads of the log, for everybody to keep. */
export const headRoutes =
  ({ heads }: { readonly heads: HeadQueries }): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url: "/audit/heads",
      schema: {
        tags,
        summary: "Signed heads of the whole log, the newest first",
        description: "One a second while something happens; of older days one an hour, of older years one a day.",
        querystring: z.strictObject(listQuery),
        response: { 200: listOf(signedHead) },
      },
      config: { problems: ["unavailable"] },
      handler: async ({ query: { limit, cursor } }) => {
        const found = await heads.before(cursor === undefined ? null : positionIn(cursor), limit + 1);
        const items = found.slice(0, limit);
        const next = found.length > limit ? (items.at(-1)?.position.toString() ?? null) : null;
        return { items: items.map(signedHeadView), next };
      },
    });

    api.route({
      method: "GET",
      url: "/audit/heads/latest",
      schema: { tags, summary: "The newest signed head of the log", response: { 200: signedHead } },
      config: { problems: ["head-not-found", "unavailable"], etag: true },
      handler: async () => {
        const head = await heads.latest();
        if (head === null) throw new Problem("head-not-found");
        return signedHeadView(head);
      },
    });

    api.route({
      method: "GET",
      url: "/audit/heads/keys",
      schema: {
        tags,
        summary: "Every public key that heads were signed with, the newest first, as a JSON Web Key Set",
        response: { 200: z.strictObject({ keys: z.array(publicKey) }) },
      },
      config: { problems: ["unavailable"], etag: true },
      handler: async () => ({ keys: [...(await heads.keys())] }),
    });
  };

/** @throws InvalidCursor */
function positionIn(cursor: string): bigint {
  if (!POSITION.test(cursor)) throw new InvalidCursor("the cursor is not one that a list gave");
  return BigInt(cursor);
}

import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { publicKeysIn } from "../../src/verifier/key-files.ts";
import { isSignedBy } from "../../src/verifier/signed-head.ts";
import { signHeads } from "../support/signed-heads.ts";
import { verifyingOf } from "../support/verifications.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { type OnSale, openShop, type Shop } from "./reservations-shop.ts";

let node: NodeUnderTest;
let shop: Shop;
let admin: Signed;
let onSale: OnSale;
let pool: pg.Pool;
beforeAll(async () => {
  node = await startNode();
  shop = openShop(node, await node.signUp());
  admin = await node.admin();
  onSale = await shop.onSale();
  await shop.reserved(onSale, await node.guest());
  pool = new pg.Pool({ connectionString: node.databaseUrl, max: 2 });
});
afterAll(async () => {
  await pool?.end();
  await node?.close();
});

const ask = () => node.call("POST", "/audit/verifications", { token: admin.token });
const read = (id: string) => node.call("GET", `/audit/verifications/${id}`, { token: admin.token });

describe("POST /audit/verifications", () => {
  it("gives the result when it is there within 3 s", async () => {
    const verifying = verifyingOf(node.databaseUrl);
    try {
      const reply = await vi.waitFor(async () => {
        const asked = await ask();
        expect(asked.statusCode).toBe(201);
        return asked;
      }, 20_000);
      const verification = reply.json();
      expect(verification).toMatchObject({ status: "COMPLETED", ok: true, violations: [], found: 0 });
      expect(verification.head.position).toBe(await node.head());
      expect(reply.headers.location).toBe(`/audit/verifications/${verification.verificationId}`);
      expect((await read(verification.verificationId)).json()).toEqual(verification);
    } finally {
      await verifying.stop();
    }
  });

  it("tells whoever asks meanwhile of the one that is under way, and another process goes on with it", async () => {
    const [first, second] = await Promise.all([ask(), ask()]);
    expect([first.statusCode, second.statusCode]).toEqual([202, 202]);
    const { verificationId, status, ok } = first.json();
    expect([second.json().verificationId, status, ok]).toEqual([verificationId, "RUNNING", null]);
    // A process took it and is gone.
    await pool.query("update audit.verifications set attempts = 1 where verification_id = $1", [verificationId]);
    const verifying = verifyingOf(node.databaseUrl);
    await verifying.done().finally(() => verifying.stop());
    expect((await read(verificationId)).json()).toMatchObject({ status: "COMPLETED", ok: true });
  });

  it("tells whoever comes again with an Idempotency-Key of the one that he asked for", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const verifying = verifyingOf(node.databaseUrl);
    try {
      const first = await node.call("POST", "/audit/verifications", { token: admin.token, headers });
      const { verificationId } = first.json();
      await vi.waitFor(async () => expect((await read(verificationId)).json().status).toBe("COMPLETED"), 20_000);
      const again = await node.call("POST", "/audit/verifications", { token: admin.token, headers });
      expect(again.json()).toEqual(first.json());
      expect([again.statusCode, again.headers.location]).toEqual([first.statusCode, first.headers.location]);
      expect(again.headers["idempotency-replayed"]).toBe("true");
      expect((await ask()).json().verificationId).not.toBe(verificationId);
    } finally {
      await verifying.stop();
    }
  });

  it("gives one up that processes were ended in the middle of again and again", async () => {
    const { verificationId } = (await ask()).json();
    await pool.query("update audit.verifications set attempts = 3 where verification_id = $1", [verificationId]);
    const verifying = verifyingOf(node.databaseUrl);
    await verifying.done().finally(() => verifying.stop());
    expect((await read(verificationId)).json()).toMatchObject({ status: "FAILED", ok: null, violations: null });
  });

  it("tells what was found: of an event that is its stream's last, by the head that was signed over it", async () => {
    await signHeads(node.databaseUrl);
    await pool.query(
      "update eventstore.events set data = replace(data::text, ':1', ':2')::json where type = 'TicketsReserved'",
    );
    const { verificationId } = (await ask()).json();
    const verifying = verifyingOf(node.databaseUrl);
    await verifying.done().finally(() => verifying.stop());
    await pool.query(
      "update eventstore.events set data = replace(data::text, ':2', ':1')::json where type = 'TicketsReserved'",
    );
    const { ok, violations } = (await read(verificationId)).json();
    expect(ok).toBe(false);
    expect(violations).toMatchObject([{ code: "head-differs", position: await node.head() }]);
  });
});

describe("GET /events/{eventId}/proof", () => {
  it("binds the counts to a head that is signed", async () => {
    await signHeads(node.databaseUrl);
    const url = `/events/${onSale.eventId}/proof`;
    const proof = (await node.call("GET", url)).json();
    const [{ total, held, revision, hash }] = proof.ticketTypes;
    expect([held, revision]).toEqual([1, 1]);
    expect(total).toBeGreaterThan(1);
    const stream = `/audit/streams/inventory-${onSale.eventId}.${onSale.ticketTypeIds[0]}`;
    const recorded = (await node.call("GET", stream, { token: admin.token })).json().items;
    expect(hash).toBe(recorded.at(-1).hash);
    const keys = publicKeysIn((await node.call("GET", "/audit/heads/keys")).body);
    const key = keys.get(proof.head.keyId);
    expect(key !== undefined && isSignedBy({ ...proof.head, position: BigInt(proof.head.position) }, key)).toBe(true);

    await shop.reserved(onSale, await node.guest());
    expect((await node.call("GET", url)).json(), "as of the head, until the next").toEqual(proof);
    await signHeads(node.databaseUrl);
    expect((await node.call("GET", url)).json().ticketTypes[0].held).toBe(2);
  });

  it("is a page for who prefers one, in which nothing of an event's name is HTML", async () => {
    const { eventId } = await shop.onSale({ name: "<b>Loud & Clear</b>" });
    const reply = await node.call("GET", `/events/${eventId}/proof`, { headers: { accept: "text/html" } });
    expect(reply.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(reply.headers.vary).toContain("Accept");
    expect(reply.body).toContain("<h1>Proof: &lt;b&gt;Loud &amp; Clear&lt;/b&gt;</h1>");
  });
});

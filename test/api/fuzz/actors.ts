import { SCOPES } from "../../../src/accounts/scopes.ts";
import type { NodeUnderTest } from "../events-node.ts";
import { JWT_SECRET, type Signed } from "../harness.ts";
import { forgedTokens } from "./bearers.ts";
import type { Things } from "./things.ts";

/** Somebody who asks. What an actor's requests do to its own standing is made good by `renew`. */
export interface Actor {
  readonly name: string;
  readonly roles: readonly string[];
  accountId: string;
  /** Its present one. */
  token: string;
}

export interface Actors {
  /** Whom requests come from, by turns. */
  readonly all: readonly Actor[];
  get(name: string): Actor | undefined;
  /** Tokens of which none is any good. */
  readonly broken: readonly string[];
  /** Those of them that look like tokens; as `Authorization` has them. */
  readonly forged: ReadonlySet<string>;
  /** Somebody new of whom nobody needs anything afterwards. */
  passing(): Promise<Actor>;
  /** Gives an actor a token that is good again, as another account where it has to be. */
  renew(actor: Actor): Promise<void>;
}

const ROLES = ["auditor", "analyst"] as const;

export async function startActors(node: NodeUnderTest, things: Things): Promise<Actors> {
  const admin = await node.admin();
  const all: Actor[] = [];
  const renewals = new Map<string, () => Promise<Signed>>();

  async function join(name: string, roles: readonly string[], sign: () => Promise<Signed>): Promise<Actor> {
    const { token, accountId, email } = await sign();
    const actor = { name, roles, token, accountId };
    all.push(actor);
    // As the same account, whose things there are; where it has none any more, as another.
    const again = () => (email === "" ? sign() : node.signIn(email).catch(sign));
    renewals.set(name, again);
    things.spare(accountId);
    if (email !== "") things.spare(email);
    return actor;
  }

  const withRole = (role: string) => async (): Promise<Signed> => {
    const signed = await node.signUp();
    const url = `/accounts/${signed.accountId}/roles`;
    await node.call("PUT", url, { token: (await node.admin()).token, body: { roles: ["customer", role] } });
    return signed;
  };
  const organizer = await join("organizer", [], () => node.signUp());
  await join("buyer", [], () => node.signUp());
  await join("guest", [], () => node.guest());
  await join("admin", ["admin"], () => node.admin());
  for (const role of ROLES) await join(role, [role], withRole(role));

  const keyOf = (scopes: readonly string[]) => async (): Promise<Signed> => {
    const body = { name: scopes.join(" "), scopes };
    const made = await node.call("POST", "/api-keys", { token: organizer.token, body });
    if (made.statusCode !== 201) throw new Error(made.body);
    const { key: token, keyId } = made.json();
    things.spare(keyId);
    return { token, accountId: organizer.accountId, email: "" };
  };
  for (const scope of SCOPES) await join(`key that may ${scope}`, [], keyOf([scope]));
  await join("key that may all", [], keyOf(SCOPES));

  const forgotten = await node.guest();
  const ended = await node.guest();
  await node.call("DELETE", "/sessions/current", { token: ended.token });
  const suspended = await node.guest();
  await node.call("POST", `/accounts/${suspended.accountId}/suspend`, { token: admin.token });

  const forged = forgedTokens(forgotten.token, JWT_SECRET);
  let passed = 0;
  return {
    forged: new Set(forged),
    all,
    get: (name) => all.find((actor) => actor.name === name),
    broken: [
      ...["Bearer", "Bearer x", "Basic eDp5", "bearer", "Bearer  x y", "Bearer a.b.c", "Bearer null", "\u00e9", ""],
      ...[`Bearer ${organizer.token}x`, `Bearer ${ended.token}`, `Bearer ${suspended.token}`, organizer.token],
      `Bearer ${"x".repeat(8_000)}`,
      ...forged,
      `Bearer ${admin.token.split(".").slice(0, 2).join(".")}.`,
      `Bearer ${Buffer.from('{"alg":"none"}').toString("base64url")}.${admin.token.split(".")[1]}.`,
    ],
    async passing() {
      passed += 1;
      const { token, accountId } = await node.guest();
      return { name: `passing ${passed}`, roles: [], token, accountId };
    },
    async renew(actor) {
      const { token, accountId } = await (renewals.get(actor.name) as () => Promise<Signed>)();
      Object.assign(actor, { token, accountId });
      things.spare(accountId);
    },
  };
}

import { randomUUID } from "node:crypto";
import { type Buyer, registering } from "../buyer.ts";
import type { Command, Wish } from "../wish.ts";

/** Accounts, sessions and keys: passwords are slow on purpose, so that there is little of it. */
export const people: readonly Command[] = [
  {
    name: "become a guest",
    weight: 0.6,
    wish: (buyer) =>
      buyer.isAdmin || buyer.me?.isGuest === true
        ? null
        : {
            ...{ method: "POST", route: "/sessions/guest", as: null, isKeyed: false, refusals: [], body: {} },
            took: ({ body }) => {
              const { accountId, token } = body as { accountId: string; token: string };
              buyer.signedIn({ accountId, token, isGuest: true, email: null });
            },
          },
  },
  {
    name: "become oneself again",
    weight: 1,
    wish: (buyer) =>
      buyer.me?.isGuest !== true
        ? null
        : {
            ...{ method: "GET", route: "/accounts/me", as: buyer.account, isKeyed: false, refusals: [] },
            took: () => {
              if (buyer.account !== null) buyer.signedIn(buyer.account);
            },
          },
  },
  {
    name: "sign out",
    weight: 0.15,
    wish: (buyer) =>
      buyer.me === null || buyer.me.isGuest
        ? null
        : {
            ...{ method: "DELETE", as: buyer.me, isKeyed: false },
            route: buyer.chance.is(0.5) ? "/sessions/current" : "/sessions",
            refusals: ["token-invalid"], // signed out by the request whose answer was lost
            took: () => forget(buyer),
            refused: () => forget(buyer),
          },
  },
  {
    name: "erase oneself",
    weight: 0.2,
    wish: (buyer) => {
      const { me } = buyer;
      if (me === null || !me.isGuest) return null;
      const over = () => {
        buyer.own.forget(me.accountId);
        if (buyer.account !== null) buyer.signedIn(buyer.account);
      };
      return {
        ...{ method: "DELETE", route: "/accounts/me", as: me, isKeyed: false, took: over, refused: over },
        refusals: ["token-invalid"], // erased by the request whose answer was lost
      };
    },
  },
  {
    name: "change one's name",
    weight: 0.4,
    wish: (buyer) =>
      buyer.account === null || buyer.isAdmin
        ? null
        : {
            ...{ method: "PATCH", route: "/accounts/me", as: buyer.account, isKeyed: false, refusals: [] },
            body: { name: `Somebody ${randomUUID()}` },
          },
  },
  {
    name: "make an API key",
    weight: 0.4,
    wish: (buyer) =>
      buyer.account === null || buyer.own.apiKeys.all.length > 1
        ? null
        : {
            ...{ method: "POST", route: "/api-keys", as: buyer.account, isKeyed: false },
            body: { name: "A server", scopes: ["read"] },
            refusals: ["too-many-api-keys"],
            took: ({ body }) => buyer.own.apiKeys.add((body as { keyId: string }).keyId),
          },
  },
  {
    name: "revoke an API key",
    weight: 0.6,
    wish: (buyer) => {
      const [keyId] = buyer.own.apiKeys.all;
      if (buyer.account === null || keyId === undefined) return null;
      const drop = () => buyer.own.apiKeys.drop((one) => one === keyId);
      return {
        ...{ method: "DELETE", route: "/api-keys/:keyId", of: [keyId], as: buyer.account, isKeyed: false },
        refusals: ["api-key-not-found"], // revoked by the request whose answer was lost
        took: drop,
        refused: drop,
      };
    },
  },
  {
    name: "ask for a new password",
    weight: 0.1,
    wish: ({ account, isAdmin }) =>
      account === null || isAdmin
        ? null
        : {
            ...{ method: "POST", route: "/password-resets", as: null, isKeyed: false, refusals: [] },
            body: { email: account.email },
          },
  },
  {
    name: "register another",
    weight: 0.2,
    wish: (buyer) => {
      if (!buyer.isAdmin || buyer.own.spares.all.length > 1) return null;
      const email = `spare-${randomUUID()}@example.org`;
      return registering(email, undefined, (accountId) => buyer.own.spares.add({ accountId, email }));
    },
  },
  { name: "change roles", weight: 0.5, wish: (buyer) => ofSpare(buyer, "PUT", "roles", { roles: ["auditor"] }) },
  { name: "suspend", weight: 0.5, wish: (buyer) => ofSpare(buyer, "POST", "suspend") },
  { name: "unsuspend", weight: 0.5, wish: (buyer) => ofSpare(buyer, "POST", "unsuspend") },
];

function forget(buyer: Buyer): void {
  const { account } = buyer;
  if (account !== null) buyer.own.forget(account.accountId);
  for (const { eventId } of buyer.own.events.all) buyer.own.events.drop((one) => one.eventId === eventId);
  buyer.me = null;
}

function ofSpare(buyer: Buyer, method: "PUT" | "POST", action: string, body?: object): Wish | null {
  const [spare] = buyer.own.spares.all;
  if (spare === undefined || buyer.me === null) return null;
  const of = [spare.accountId];
  const route = `/accounts/:accountId/${action}`;
  return {
    ...{ method, route, of, as: buyer.me, isKeyed: false, refusals: [] },
    ...(body === undefined ? {} : { body }),
  };
}

import type { Actor, Actors } from "./actors.ts";
import { mangled } from "./mangling.ts";
import type { Plan } from "./plans.ts";
import { tampered } from "./tampering.ts";
import { plainName, type Thing, type Things } from "./things.ts";
import { Named } from "./values.ts";

/** A request as it is sent. */
export interface Request {
  readonly route: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | Buffer | undefined;
  /** Where it seems to come from: attempts to sign in are limited by address. */
  readonly remoteAddress: string;
}

export interface Asking {
  readonly request: Request;
  /** Whose token it carries; null: nobody's, or one that is of no use. */
  readonly actor: Actor | null;
}

/** What was last seen of the server, for headers. */
export interface Seen {
  readonly position: string;
  etagOf(url: string): string | undefined;
}

const NOWHERE = "7d9f5f0e-0000-4000-8000-000000000001";

/** What else a name may stand for: earlier systems have words of their own, and one id for what are two things here. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  bookingid: ["bookingid", "reservationid", "eventid"],
  reserverationid: ["reservationid"],
  tickettype: ["tickettypeid"],
  seattype: ["tickettypeid"],
  seatid: ["ticketid"],
  cursor: ["next"],
  anything: ["eventid", "reservationid", "bookingid", "entryid", "keyid", "accountid"],
};

/** In bodies and headers these are the caller. In paths they are not: what is done there would be done to it. */
const isOneself = ({ name }: Named): boolean => ["accountid", "userid"].includes(plainName(name));

/**
 * Requests that end their caller's session or account, or make another of it: somebody in passing sends them. Of new ones
 * that are missing here the fuzzing finds that an actor's token is no longer good, and says after which request.
 */
const ENDS_CALLER = new Set(["DELETE /accounts/me", "DELETE /sessions", "DELETE /sessions/current", "POST /accounts"]);

/** Makes a plan into a request, by what there is now. */
export async function askingOf(plan: Plan, actors: Actors, things: Things, seen: Seen): Promise<Asking> {
  const [who, which, other] = plan.picks;
  const path = plan.route.slice(plan.route.indexOf(" ") + 1);
  const wanted = Object.entries(plan.params).flatMap(([name, value]) =>
    value instanceof Named ? [namesOf(parameterName(name, path))[0] as string] : [],
  );
  const alsoWanted = [...wanted, ...namedIn(plan.body)];
  const first = things.find(alsoWanted, newest(which)) ?? things.find(wanted, newest(which));
  const actor = await actorOf(plan, first, actors, who);
  let url = path;

  const fill = (named: Named, thing: Thing | undefined): string => {
    const given = givenFor(named, thing);
    return named.tampering === null ? given : tampered(named.tampering, given);
  };
  const givenFor = (named: Named, thing: Thing | undefined): string => {
    if (named.name === "position") return seen.position;
    if (named.name === "etag") return seen.etagOf(url) ?? '"none"';
    const names = namesOf(named.name);
    const [name = ""] = names;
    const pick = names[Math.floor(other * other * names.length)] as string;
    const found = thing?.names.get(name) ?? things.find([pick], newest(other), actor?.name)?.names.get(pick);
    return found ?? NOWHERE;
  };
  const filled = (value: unknown, thing: Thing | undefined): unknown => {
    if (value instanceof Named) return isOneself(value) && actor !== null ? actor.accountId : fill(value, thing);
    if (Array.isArray(value)) return value.map((one) => filled(one, thing));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]) => [name, filled(inner, thing)] as const);
    return Object.fromEntries(entries);
  };

  const params = new Map(
    Object.entries(plan.params).map(([name, value]) => [
      name,
      value instanceof Named
        ? inPath(fill, new Named(parameterName(name, path), value.tampering), first)
        : String(value),
    ]),
  );
  const filledPath = path.replace(/\{(\w+)\}/g, (_, name: string) => params.get(name) ?? "");
  const search = new URLSearchParams();
  for (const [name, value] of plan.query) search.append(name, textOf(filled(value, undefined)));
  url = search.size === 0 ? filledPath : `${filledPath}?${search}`;

  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(plan.headers)) {
    headers[name] = headerOf(filled(value, first));
  }
  const token = tokenFor(plan, actor, actors, who);
  if (token !== null) headers.authorization = token;

  const json = plan.text ?? (plan.body === undefined ? undefined : JSON.stringify(filled(plan.body, first)));
  const payload = plan.mangling === null ? json : mangled(plan.mangling, json ?? "");
  // Now and then from the machine itself, for what only its operator is told.
  const remoteAddress = other < 0.1 ? "127.0.0.1" : `10.0.${Math.floor(other * 256)}.${Math.floor(which * 256)}`;
  return { request: { route: plan.route, method: plan.method, url, headers, payload, remoteAddress }, actor };
}

async function actorOf(plan: Plan, thing: Thing | undefined, actors: Actors, pick: number): Promise<Actor | null> {
  const { asker, route } = plan;
  if (asker === "nobody" || asker === "broken") return null;
  const isOther = !route.startsWith(`${plan.method} `) && plan.method !== "HEAD"; // then nobody knows what it does
  if (ENDS_CALLER.has(route) || isOther) return actors.passing();
  const owner = thing === undefined ? undefined : (actors.get(thing.owner) ?? null); // null: it was got without a token
  if (asker === "owner" && owner !== undefined) return owner;
  const privileged = actors.all.filter(({ roles }) => roles.length > 0);
  const from = asker === "role" ? privileged : asker === "owner" ? actors.all.slice(0, 3) : actors.all;
  return from[Math.floor(pick * from.length)] as Actor;
}

function tokenFor({ asker }: Plan, actor: Actor | null, { broken }: Actors, pick: number): string | null {
  if (asker === "broken") return broken[Math.floor(pick * broken.length)] as string;
  return actor === null ? null : `Bearer ${actor.token}`;
}

/** Of what there is, the newest is most likely still as it was. */
const newest = (pick: number): number => Math.sqrt(pick);

/** `{id}` is the id of what the path names before it. */
function parameterName(name: string, path: string): string {
  if (name !== "id") return name;
  const parts = path.split("/");
  return `${(parts[parts.indexOf("{id}") - 1] ?? "").replace(/s$/, "")}Id`;
}

/** What the members of a body are named after, that only the server can have given. */
function namedIn(value: unknown): readonly string[] {
  if (value instanceof Named) return isOneself(value) ? [] : namesOf(value.name).slice(0, 1);
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namedIn);
}

function namesOf(name: string): readonly string[] {
  const plain = plainName(name).replace(/ids$/, "id");
  return ALSO[plain] ?? [plain];
}

/** What was made of an id may be anything, and still is one part of a path. */
const inPath = (fill: (named: Named, thing: Thing | undefined) => string, named: Named, thing: Thing | undefined) =>
  named.tampering === null ? fill(named, thing) : encodeURIComponent(fill(named, thing).toWellFormed());

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "null"));
/** Line ends and the like no client's own library lets through. */
const headerOf = (value: unknown): string =>
  textOf(value)
    .replace(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "?")
    .slice(0, 9_000)
    .trim();

/** What the server named together in one reply: ids and tokens by their names, and who was told of them. */
export interface Thing {
  readonly names: ReadonlyMap<string, string>;
  /** Name of the actor who was told. */
  readonly owner: string;
}

/** So many of what has a name are kept, the newest. */
const KEPT = 200;
/** A reply with a long list tells no more than its beginning. */
const ITEMS = 3;

/** `eventID`, `event_id` and `eventId` are one name. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");

/** Names of what is worth asking about: ids and tokens; tokens and keys that say who calls are not among them. */
const TOLD = /(?:Id|ID|_id|_token|[a-z]Token|^next|^email|^stream)$/;
const NOT_TOLD = new Set(["accountid", "organizerid", "requestid", "commandid"]);

/** All that replies have named so far, within bounds. */
export interface Things {
  /** Takes what a reply names, also in its lists. */
  learn(owner: string, reply: unknown): void;
  add(owner: string, names: Readonly<Record<string, string>>): void;
  /**
   * Something that has all of these names, if there is any.
   * @param pick from 0 to 1, which one; the higher, the newer
   */
  find(names: readonly string[], pick: number, owner?: string): Thing | undefined;
  /** Never to be asked about: those whom the fuzzing itself needs. */
  spare(id: string): void;
}

export function createThings(): Things {
  const byName = new Map<string, Thing[]>();
  const spared = new Set<string>();

  function keep(owner: string, names: ReadonlyMap<string, string>): void {
    const thing: Thing = { owner, names };
    for (const name of names.keys()) {
      const kept = byName.get(name);
      if (kept === undefined) byName.set(name, [thing]);
      else if (kept.push(thing) > KEPT) kept.shift();
    }
  }

  function learn(owner: string, part: unknown, above: ReadonlyMap<string, string>): void {
    if (typeof part !== "object" || part === null) return;
    if (Array.isArray(part)) {
      for (const item of part.slice(0, ITEMS)) learn(owner, item, above);
      return;
    }
    const own = Object.entries(part).filter(([name, value]) => typeof value === "string" && TOLD.test(name));
    const told = own.map(([name, value]) => [plainName(name), value] as const);
    const fresh = told.filter(([name, value]) => !NOT_TOLD.has(name) && !spared.has(value));
    const names = new Map([...above, ...fresh]);
    if (fresh.length > 0) keep(owner, names);
    for (const inner of Object.values(part)) learn(owner, inner, names);
  }

  return {
    learn: (owner, reply) => learn(owner, reply, new Map()),
    add: (owner, names) => keep(owner, new Map(Object.entries(names).map(([name, value]) => [plainName(name), value]))),
    find(names, pick, owner) {
      const [rarest = []] = names.map((name) => byName.get(name) ?? []).sort((a, b) => a.length - b.length);
      const all = rarest.filter((thing) => names.every((name) => thing.names.has(name)));
      const own = owner === undefined ? [] : all.filter((thing) => thing.owner === owner);
      const from = own.length > 0 ? own : all;
      return from[Math.floor(pick * from.length)];
    },
    spare: (id) => void spared.add(id),
  };
}

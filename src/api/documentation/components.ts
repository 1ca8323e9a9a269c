const INPUT = "Input";
const REFERENCE = /(?<="#\/components\/schemas\/)\w+(?=")/g;

type Schemas = Readonly<Record<string, unknown>>;

/** The parts of an OpenAPI document that components are in and referred from. */
interface Referring {
  readonly paths: unknown;
  readonly schemas: Schemas;
}

/**
 * The generator writes every component twice, `Event` as replies have it and `EventInput` as requests do. Here what is
 * the same, or is used in one way only, stands once, as `Event`; what nothing refers to goes.
 */
export function componentsOnce<Document extends Referring>({ paths, schemas, ...rest }: Document) {
  const used = referredFrom(paths, schemas);
  const apart = new Set<string>();
  /** The name that a component ends up with. */
  const nameOf = (name: string): string => {
    const base = name.endsWith(INPUT) ? name.slice(0, -INPUT.length) : name;
    return base in schemas && !apart.has(base) ? base : name;
  };
  const renamed = (part: unknown): string => JSON.stringify(part).replaceAll(REFERENCE, nameOf);

  // What differs makes different whatever refers to it, so each one that is found asks the question anew.
  const differs = (name: string) =>
    !apart.has(name) && used.has(`${name}${INPUT}`) && renamed(schemas[name]) !== renamed(schemas[`${name}${INPUT}`]);
  for (;;) {
    const found = [...used].find(differs);
    if (found === undefined) break;
    apart.add(found);
  }

  const once = [...used].map((name): [string, unknown] => [nameOf(name), JSON.parse(renamed(schemas[name]))]);
  return { ...rest, paths: JSON.parse(renamed(paths)) as Document["paths"], schemas: Object.fromEntries(once) };
}

/** The components that the paths refer to, also by way of others. */
function referredFrom(paths: unknown, schemas: Schemas): ReadonlySet<string> {
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [name] of JSON.stringify(part).matchAll(REFERENCE)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name] ?? null);
    }
  };
  follow(paths);
  return used;
}

/**
 * The schema version in which each type of event is written today; 1 where nothing is said. Whoever changes the shape
 * of an event raises its version here, says in {@link UPCASTS} how the older one reads today, and keeps a fixture of it
 * in `test/fixtures/events`.
 */
const CURRENT_VERSIONS: Readonly<Record<string, number>> = {};

type Upcast = (data: unknown) => unknown;

/** `UPCASTS[type][version - 1]` turns data of that version into data of the next. */
const UPCASTS: Readonly<Record<string, readonly Upcast[]>> = {};

export const currentVersion = (type: string): number => CURRENT_VERSIONS[type] ?? 1;

/** Data of any version as today's. */
export function upcast(type: string, version: number, data: unknown): unknown {
  let upcasted = data;
  for (const step of (UPCASTS[type] ?? []).slice(version - 1)) upcasted = step(upcasted);
  return upcasted;
}

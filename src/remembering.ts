import { LRUCache } from "lru-cache";

/**
 * A memory of the most recently used, bounded by their number. It grows as it is used: given `max`, the cache would make
 * room for all of them at once, and a process has several that are seldom full.
 */
export const remembering = <Value extends {}>(most: number): LRUCache<string, Value> =>
  new LRUCache<string, Value>({ maxSize: most, sizeCalculation: () => 1 });

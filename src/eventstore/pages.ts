import { type EventStore, PAGE_BYTES, type Revision, type StoredEvent } from "./port.ts";

/** Events read at a time, at most. */
const PAGE_EVENTS = 4096;

/** What an event counts towards {@link PAGE_BYTES}. */
export const bytesOf = ({ data, metadata }: StoredEvent): number =>
  Buffer.byteLength(data) + Buffer.byteLength(metadata);

/**
 * How many of these events, from the first on, are a page or a batch: up to `maxCount`, and until they have reached
 * {@link PAGE_BYTES}.
 */
export function pageLength(events: readonly StoredEvent[], maxCount: number): number {
  let bytes = 0;
  let count = 0;
  for (const event of events) {
    if (count === maxCount || bytes >= PAGE_BYTES) break;
    bytes += bytesOf(event);
    count += 1;
  }
  return count;
}

/**
 * Whether a page is the last one of its stream: it is shorter than was asked for, and not because its events had reached
 * {@link PAGE_BYTES}. A page that is not may yet be followed by an empty one.
 */
export function isLastPage(page: readonly StoredEvent[], maxCount: number): boolean {
  if (page.length >= maxCount) return false;
  let bytes = 0;
  for (const event of page) bytes += bytesOf(event);
  return bytes < PAGE_BYTES;
}

/**
 * A stream from a revision on to its end, page by page; one read when it ends with the first page.
 * @throws StoreUnavailable
 */
export async function* pagesOf(
  store: Pick<EventStore, "read">,
  stream: string,
  first: Revision,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  for (let from = first; ; ) {
    const page = await store.read(stream, { from, direction: "forwards", maxCount: PAGE_EVENTS });
    if (page.length > 0) yield page;
    if (isLastPage(page, PAGE_EVENTS)) return;
    from += page.length;
  }
}

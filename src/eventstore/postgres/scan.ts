import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { EventPage } from "../event-page.ts";
import { PAGE_BYTES, type Position, type ScanOptions, StoreUnavailable } from "../port.ts";
import { type ConnectionSettings, connect } from "./connection.ts";
import { pageInCopy } from "./copied-events.ts";
import { readFailure } from "./failures.ts";

/** Bytes that a statement is to bring, about: its length in positions follows from what those before it brought. */
const AIM_BYTES = 2 * 1024 * 1024;
const [FIRST_POSITIONS, MOST_POSITIONS] = [1_024, 16_384n];

export interface ScanSettings {
  readonly connection: ConnectionSettings;
  readonly readTimeoutMs: number;
}

interface Run {
  readonly page: EventPage;
  /** Everything up to there was looked at. */
  readonly reached: Position;
  /** Positions for the next. */
  readonly next: bigint;
}

/**
 * A part of the log by COPY, in runs: each is a statement of its own, read to its end at once, so that a slow consumer holds
 * no snapshot open, and the next one is under way while one is consumed. COPY's rows cost half of what a query's do, on
 * both sides.
 * @throws StoreUnavailable
 */
export async function* scan(
  settings: ScanSettings,
  { after, upTo, streamPrefixes, signal }: ScanOptions,
  closing: AbortSignal,
): AsyncGenerator<EventPage, void, undefined> {
  const lane = new Lane(settings, streamPrefixes);
  const cut = () => lane.cut();
  signal.addEventListener("abort", cut);
  closing.addEventListener("abort", cut);
  const run = (from: Position, positions: bigint) => {
    const coming = lane.run(from, from + positions < upTo ? from + positions : upTo);
    coming.catch(() => {}); // it is asked for in its turn
    return coming;
  };
  try {
    let coming: Promise<Run> | null = (after ?? 0n) < upTo ? run(after ?? 0n, BigInt(FIRST_POSITIONS)) : null;
    while (coming !== null && !signal.aborted && !closing.aborted) {
      const { page, reached, next }: Run = await coming;
      coming = reached < upTo ? run(reached, next) : null;
      if (page.count > 0) yield page;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw closing.aborted ? new StoreUnavailable("the event store was closed") : readFailure(error);
  } finally {
    signal.removeEventListener("abort", cut);
    closing.removeEventListener("abort", cut);
    lane.cut();
  }
  if (!signal.aborted && closing.aborted) throw new StoreUnavailable("the event store was closed");
}

/** One connection, made anew after a run that brought more than is good, and where it was lost between two. */
class Lane {
  readonly #settings: ScanSettings;
  readonly #prefixes: readonly string[];
  #client: pg.Client | null = null;
  #isRunning = false;
  #isCut = false;

  constructor(settings: ScanSettings, prefixes: readonly string[]) {
    this.#settings = settings;
    this.#prefixes = prefixes;
  }

  /** @param last position, which the run reaches unless it becomes too large */
  async run(after: Position, last: Position): Promise<Run> {
    const client = await this.#connected();
    const timer = setTimeout(() => this.#drop(), this.#settings.readTimeoutMs); // the copy fails and tells
    this.#isRunning = true;
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      let isWhole = true;
      for await (const chunk of client.query(copyTo(this.#copy(client, after, last))) as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        bytes += chunk.length;
        isWhole = bytes <= PAGE_BYTES || last - after === 1n;
        if (!isWhole) break;
      }
      if (!isWhole) this.#drop();
      const page = pageInCopy(Buffer.concat(chunks, bytes));
      const reached = isWhole ? last : (page.last ?? after);
      return { page, reached, next: nextLength(reached - after, bytes) };
    } finally {
      this.#isRunning = false;
      clearTimeout(timer);
    }
  }

  /** Gives up what is under way; nothing can be run any more. */
  cut(): void {
    this.#isCut = true;
    this.#drop();
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client === null) {
      const client = await connect(this.#settings.connection, (ended) => {
        if (this.#client === ended) this.#client = null; // while nothing was asked of it: the next run makes another
      });
      if (this.#isCut) {
        client.end().catch(() => {}); // nobody waits for it
        throw new StoreUnavailable("the scan was ended");
      }
      this.#client = client;
    }
    return this.#client;
  }

  /** In the middle of a run the server would first send all that it has. */
  #drop(): void {
    if (this.#isRunning) this.#client?.connection.stream.destroy();
    else this.#client?.end().catch(() => {}); // already lost
    this.#client = null;
  }

  /** COPY takes no parameters: positions are numbers, and prefixes are put in as Postgres quotes them. */
  #copy(client: pg.Client, after: Position, last: Position): string {
    const prefixes = this.#prefixes.map((prefix) => client.escapeLiteral(prefix)).join();
    return `
      copy (select e.position, s.name, e.revision::text, e.event_id::text, e.type, e.metadata, e.data
              from eventstore.events e
             cross join lateral (select name from eventstore.streams where id = e.stream_id offset 0) s
             where e.position > ${after} and e.position <= ${last} and s.name ^@ any (array[${prefixes}]::text[])
             order by e.position)
        to stdout with (format binary)`;
  }
}

/** As many positions as would have brought {@link AIM_BYTES}; none at all came of a run whose first event was too large. */
function nextLength(positions: bigint, bytes: number): bigint {
  const aim = BigInt(Math.floor((Number(positions) * AIM_BYTES) / Math.max(1, bytes)));
  return aim < 1n ? 1n : aim > MOST_POSITIONS ? MOST_POSITIONS : aim;
}

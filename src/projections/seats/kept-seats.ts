import { LRUCache } from "lru-cache";
import type { SeatStatus } from "../../domain/seating/seat-table.ts";
import type { Answer, ConsistentReads, ReadAt } from "../consistent-read.ts";
import type { RecordedSeats, SeatQueries } from "./queries.ts";

/** How the seats of a ticket type stand. The same object for as long as nothing about them is known to have changed. */
export interface ShownSeats extends RecordedSeats {
  /**
   * Seats that stand otherwise than at an earlier revision, with how they stand now; null: it is not known how they stood
   * at that one.
   */
  changesSince(revision: number): ReadonlyMap<number, SeatStatus> | null;
}

export interface KeptSeats {
  /**
   * The seats of a ticket type; null when it has no map. Without a question to the database for as long as the event's
   * availability has not gone on.
   * @param eventRevision of the event's availability, as it is known to the caller from where `at` wants it
   * @throws ReadModelBehind
   */
  get(
    ticketType: { readonly eventId: string; readonly ticketTypeId: string },
    eventRevision: number,
    at: Pick<ReadAt, "minPosition">,
  ): Promise<ShownSeats | null>;
}

export interface KeptSeatsOptions {
  readonly queries: SeatQueries;
  readonly reads: Pick<ConsistentReads, "find">;
  readonly maxBytes?: number;
  readonly monotonicMs?: () => number;
}

const MAX_BYTES = 128 * 1024 * 1024;
/** A seat takes about so many: its plan, how it stands, its part of two texts and of what is known of changes. */
const BYTES_A_SEAT = 140;
const BYTES_A_MAP = 4_096;

/**
 * A map that was loaded in 30 ms is loaded again after 300 ms at the earliest, unless a reader asks for a position: a crowd
 * around a large map that is selling fast takes a tenth of the time.
 */
const REST_FACTOR = 10;
const REST_AT_MOST_MS = 1_000;

/** Changes are told from so many earlier loads on, then anew. */
const STEPS = 64;
/** Where more than this part of the seats has changed at once, nobody is told by their names: it is begun anew. */
const MOST_CHANGED = 1 / 16;
const FEW = 16;

interface Step {
  readonly fromRevision: number;
  readonly changed: readonly number[];
}

interface Kept {
  readonly seats: ShownSeats;
  readonly steps: readonly Step[];
  readonly againAtMs: number;
}

export function keptSeats(options: KeptSeatsOptions): KeptSeats {
  const { queries, reads, maxBytes = MAX_BYTES, monotonicMs = () => performance.now() } = options;
  const all = new LRUCache<string, Kept>({ maxSize: maxBytes });
  /** No more than there are requests for them. */
  const underWay = new Map<string, Promise<Answer<ShownSeats | null>>>();

  async function load(key: string, eventId: string, ticketTypeId: string): Promise<Answer<ShownSeats | null>> {
    const begunMs = monotonicMs();
    const known = all.peek(key) ?? null;
    const { checkpoint, value } = await queries.recorded(eventId, ticketTypeId, known?.seats.plan ?? null);
    if (value === null) return { checkpoint, value };
    if (known !== null && value.revision < known.seats.revision) return { checkpoint, value: known.seats }; // a replica
    const endMs = monotonicMs();
    const againAtMs = endMs + Math.min(REST_AT_MOST_MS, REST_FACTOR * (endMs - begunMs));
    const kept = keep(value, known, againAtMs);
    all.set(key, kept, { size: BYTES_A_MAP + BYTES_A_SEAT * value.plan.size });
    return { checkpoint, value: kept.seats };
  }

  /** One load of a map at a time, however many ask. */
  function loadOnce(key: string, eventId: string, ticketTypeId: string): Promise<Answer<ShownSeats | null>> {
    let loading = underWay.get(key);
    if (loading === undefined) {
      loading = load(key, eventId, ticketTypeId).finally(() => underWay.delete(key));
      underWay.set(key, loading);
    }
    return loading;
  }

  return {
    async get({ eventId, ticketTypeId }, eventRevision, { minPosition }) {
      const key = `${eventId}.${ticketTypeId}`;
      const kept = all.get(key);
      if (kept !== undefined) {
        const isNewest = kept.seats.eventRevision !== null && kept.seats.eventRevision >= eventRevision;
        if (isNewest || (minPosition === null && monotonicMs() < kept.againAtMs)) return kept.seats;
      }
      return reads.find(["seats"], minPosition, () => loadOnce(key, eventId, ticketTypeId));
    },
  };
}

/** What was loaded, with what changed since it was loaded before. */
function keep(recorded: RecordedSeats, before: Kept | null, againAtMs: number): Kept {
  const steps = before === null ? [] : stepsTo(recorded, before);
  const seats: ShownSeats = {
    ...recorded,
    changesSince(revision) {
      if (revision === recorded.revision) return new Map();
      const from = steps.findIndex(({ fromRevision }) => fromRevision === revision);
      if (from < 0) return null;
      const changed = new Map<number, SeatStatus>();
      for (const step of steps.slice(from)) {
        for (const seat of step.changed) changed.set(seat, recorded.statuses[seat] as SeatStatus);
      }
      return changed;
    },
  };
  return { seats, steps, againAtMs };
}

function stepsTo(recorded: RecordedSeats, { seats, steps }: Kept): readonly Step[] {
  const step = stepBetween(seats, recorded);
  const isLarge = step.changed.length > Math.max(FEW, recorded.plan.size * MOST_CHANGED);
  return isLarge ? [] : [...steps, step].slice(-STEPS);
}

function stepBetween(before: RecordedSeats, after: RecordedSeats): Step {
  const changed: number[] = [];
  for (let seat = 0; seat < after.statuses.length; seat += 1) {
    if (before.statuses[seat] !== after.statuses[seat]) changed.push(seat);
  }
  return { fromRevision: before.revision, changed };
}

import type { FeedEvent } from "./feed-event.ts";

/** A prepared statement with its values, ready to be run. */
export interface Statement {
  /** Names the prepared statement on its connection: one name, one text. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** New rows for a table, in the format of {@link BinaryRows}. */
export interface Copy {
  /** `copy <table> (<columns>) from stdin with (format binary)` */
  readonly copy: string;
  readonly rows: Buffer;
}

/** What brings a table up to date. */
export type Write = Statement | Copy;

/**
 * One read model as the runner sees it: tables, and a pure function from events to what is written to bring the
 * tables up to date. It reads no clock and no table, so the same log always gives the same rows.
 */
export interface Projection {
  readonly name: string;
  /** Raised when the shape or the meaning of its rows changes; what a database holds is then rebuilt. */
  readonly version: number;
  /** Queries use these views; each shows the table of the generation that is current ({@link tableName}). */
  readonly views: readonly string[];
  /** SQL that makes the empty tables and indexes of a generation. */
  createTables(generation: number): string;
  /** What one batch of events changes. Called with all events of Boxoffice's streams, in log order. */
  writes(events: readonly FeedEvent[], generation: number): readonly Write[];
}

export const SCHEMA = "readmodels";

/** The table behind a view: a rebuild fills the next generation while this one serves. */
export const tableName = (view: string, generation: number): string => `${SCHEMA}.${view}_g${generation}`;

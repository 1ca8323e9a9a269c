import type { ProviderRecord } from "../system/buying/provider-record.ts";

/** An installation of real processes that things happen to, as those who only talk to it know it. */
export interface Town {
  /** As clients reach its nodes, without a slash at the end; each may be away at any time. */
  readonly apiUrls: readonly string[];
  /** Straight to Postgres, past all that stalls or cuts connections: for the checker, and for who looks at the log. */
  readonly databaseUrl: string;
  /** Straight, where the events are in EventStoreDB; null: they are in Postgres. */
  readonly eventStoreUrl: string | null;
  readonly dataDir: string;
  /** An account with all rights, which is there from the first start on. */
  readonly admin: { readonly email: string; readonly password: string };
  /** What the payment provider has on its own disk, read past its code; it may be running. */
  providerRecord(): Promise<ProviderRecord>;
}

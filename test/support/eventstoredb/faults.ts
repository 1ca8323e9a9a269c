import { Metadata, status } from "@grpc/grpc-js";

export type RefusalOf = "busy" | "not-ready";

/** What the stand-in is told to do wrong. Everything holds until it is set back, but for what says "once". */
export interface Faults {
  /** Cut all connections after the next append was recorded and before it is answered. Once. */
  dropAfterAppend: boolean;
  /** Hold appends back, before or after recording them, until {@link Stall.release}. */
  stall: Stall | null;
  /** Answer every append and read with this. */
  refuse: RefusalOf | null;
  /** Not the leader: calls that need it are told where it is. */
  leader: { readonly host: string; readonly port: number } | null;
  /** No leader: gossip names none, and every append and read is refused as not ready. */
  electing: boolean;
  /** Subscriptions are told nothing more, and not that they are not: a node that was cut off from the others. */
  silent: boolean;
  /** `name:password` of the only user that may do anything; null: anybody may. */
  user: string | null;
}

export interface Stall {
  readonly when: "before-recording" | "after-recording";
  /** Resolves when the first append is held back. */
  readonly holding: Promise<void>;
  /** Called by the server with an append in its hands. */
  hold(): Promise<void>;
  release(): void;
}

export const noFaults = (): Faults => ({
  dropAfterAppend: false,
  stall: null,
  refuse: null,
  leader: null,
  electing: false,
  silent: false,
  user: null,
});

export function stall(when: Stall["when"]): Stall {
  const holding = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  return {
    when,
    holding: holding.promise,
    hold() {
      holding.resolve();
      return released.promise;
    },
    release: released.resolve,
  };
}

/** In the words that a real server was seen to use. */
export const REFUSALS: Record<RefusalOf, string> = { busy: "Server Is Too Busy", "not-ready": "Server Is Not Ready" };

/** A failed call, as gRPC takes it. */
export type CallFailure = { readonly code: status; readonly details: string; readonly metadata: Metadata };

/** The failure that a call with these headers gets, if any. */
export function failureOf(faults: Faults, headers: Metadata): CallFailure | null {
  const { leader, electing } = faults;
  const refuse = faults.refuse ?? (electing ? "not-ready" : null);
  const metadata = new Metadata();
  const stranger = strangerAmong(faults.user, headers);
  if (stranger !== null) return { ...stranger, metadata };
  if (refuse !== null) return { code: status.UNAVAILABLE, details: REFUSALS[refuse], metadata };
  if (leader === null || headers.get("requires-leader").length === 0) return null;
  metadata.set("exception", "not-leader");
  metadata.set("leader-endpoint-host", leader.host);
  metadata.set("leader-endpoint-port", String(leader.port));
  return { code: status.NOT_FOUND, details: `Leader info available at ${leader.host}:${leader.port}`, metadata };
}

function strangerAmong(user: string | null, headers: Metadata): Omit<CallFailure, "metadata"> | null {
  if (user === null) return null;
  const [given] = headers.get("authorization");
  if (given === undefined) return { code: status.PERMISSION_DENIED, details: "Access Denied" };
  const is = `Basic ${Buffer.from(user).toString("base64")}`;
  return String(given) === is ? null : { code: status.UNAUTHENTICATED, details: "Unauthenticated" };
}

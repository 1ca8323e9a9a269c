import type { ChargeStatus } from "../port.ts";

/** How long `sandbox-slow` takes. */
export const SLOW_MS = 3_000;
/** How long after the deadline `sandbox-late` is paid. */
export const LATE_MS = 2_000;

/** What becomes of a payment by a method when it is asked for. */
interface Method {
  readonly status: ChargeStatus;
  /** When it is authorized by itself, epoch milliseconds; null: never. */
  readonly dueMs?: (nowMs: number, deadlineMs: number) => number;
  readonly declineReason?: string;
  /** While it is pending nobody can stop it. */
  readonly unstoppable?: true;
}

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["sandbox-ok", { status: "authorized" }],
  ["sandbox-decline", { status: "declined", declineReason: "card-declined" }],
  ["sandbox-slow", { status: "pending", dueMs: (nowMs) => nowMs + SLOW_MS }],
  ["sandbox-never", { status: "pending" }],
  ["sandbox-late", { status: "pending", dueMs: (_nowMs, deadlineMs) => deadlineMs + LATE_MS, unstoppable: true }],
  // The buyer has to confirm it first.
  ["sandbox-action", { status: "requires-action" }],
  // Can't set money aside, only take it.
  ["sandbox-charge", { status: "captured" }],
]);

export const isSandboxMethod = (name: string): boolean => METHODS.has(name);

/** @throws Error there is no such method: ask {@link isSandboxMethod} first */
export function methodNamed(name: string): Method {
  const method = METHODS.get(name);
  if (method === undefined) throw new Error(`no sandbox method is called ${name}`);
  return method;
}

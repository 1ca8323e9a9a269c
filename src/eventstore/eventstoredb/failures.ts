import { convertToCommandError, NotLeaderError } from "@eventstore/db-client";

/** Whether a call failed because the node is not, or no longer, the leader. The client moves to the leader by itself. */
export const isNotLeader = (error: unknown): boolean =>
  error instanceof Error && convertToCommandError(error) instanceof NotLeaderError;

/** A message that names what failed and why, in one line. */
export function because(what: string, cause: unknown): string {
  return `${what}: ${cause instanceof Error ? cause.message : String(cause)}`.replaceAll("\n", " ");
}

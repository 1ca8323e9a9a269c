/** A message that names what failed and why, in one line. */
export function because(what: string, cause: unknown): string {
  return `${what}: ${cause instanceof Error ? cause.message : String(cause)}`.replaceAll("\n", " ");
}

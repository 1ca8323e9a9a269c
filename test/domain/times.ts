/** The day on which everything in the specs of the domain happens. */
export const morning = "2026-06-01T08:00:00.000Z";
export const noon = "2026-06-01T12:00:00.000Z";
export const evening = "2026-06-01T20:00:00.000Z";

export const ms = (time: string): number => Date.parse(time);

export const later = (time: string, byMs: number): string => new Date(ms(time) + byMs).toISOString();

/** The last instant before it, as finely as the domain tells time. */
export const justBefore = (time: string): string => later(time, -1);

/** As times stand in domain events: RFC 3339 in UTC, to the millisecond. */
export const rfc3339 = (epochMs: number): string => new Date(epochMs).toISOString();

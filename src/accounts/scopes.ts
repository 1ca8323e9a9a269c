/**
 * What an API key may do, of what its account may. They don't include each other: a key that sells and looks has both.
 *
 * - `read`: look at what the account may look at
 * - `sell`: hold, buy and cancel tickets, and wait for them
 * - `manage`: events and what goes with them, refunds by the organizer, operations
 *
 * Which of them a route takes is in the API's policy; accounts, sessions and keys are for people, not for keys.
 */
export const SCOPES = ["read", "sell", "manage"] as const;

export type Scope = (typeof SCOPES)[number];

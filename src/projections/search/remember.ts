/**
 * What was made a moment ago for the same key, else what is made now. For what may be a little out of date: which words
 * there are, and estimates.
 */
export type Remember = <Value extends object>(key: string, make: () => Promise<Value>) => Promise<Value>;

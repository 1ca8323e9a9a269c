/** Text that Postgres takes: it keeps neither U+0000 nor half a surrogate pair, and one of them would stop the feed. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll("\0", "");

/** The same of everything in a JSON text. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === "string" ? storableText(part) : part));

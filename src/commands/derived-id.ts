import { hash } from "node:crypto";

/**
 * A UUID (version 8) that is always the same for the same text: ids of things whose making may be repeated by its
 * `Idempotency-Key`, and of the parts of a thing.
 */
export function derivedId(text: string): string {
  const hex = hash("sha256", text, "hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

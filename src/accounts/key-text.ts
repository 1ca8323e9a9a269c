import { hash, randomBytes } from "node:crypto";

/** So that a key is known as one: in requests, and by programs that look for secrets where they should not be. */
const PREFIX = "bk_";
const SECRET_BYTES = 32;
const HINT_LENGTH = 4;

/** A new key, which is shown once. */
export const newKeyText = (): string => `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64url")}`;

export const isKeyText = (text: string): boolean => text.startsWith(PREFIX);

/** What is kept of a key. It has 256 random bits, so that a fast hash is as good as a slow one. */
export const hashOfKey = (text: string): string => hash("sha256", text, "base64url");

/** By which its owner knows it again. */
export const hintOfKey = (text: string): string => text.slice(-HINT_LENGTH);

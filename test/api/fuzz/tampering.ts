import fc from "fast-check";

/** What is done with a text that a server gave, an id, a token, a cursor or a tag, so that it is no longer that. */
type Tampering = (text: string) => string;

const replacedAt = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;

/** What stands in a text that is base64url, and often is nothing but that. */
const inside =
  (change: (content: string) => string): Tampering =>
  (text) =>
    Buffer.from(change(Buffer.from(text, "base64url").toString("latin1")), "latin1").toString("base64url");

const TAMPERINGS: Readonly<Record<string, Tampering>> = {
  "another first character": (text) => replacedAt(text, 0),
  "another last character": (text) => replacedAt(text, Math.max(0, text.length - 1)),
  "another character in the middle": (text) => replacedAt(text, text.length >> 1),
  "cut off": (text) => text.slice(0, -1),
  "cut in half": (text) => text.slice(0, text.length >> 1),
  "one character": (text) => text.slice(0, 1),
  twice: (text) => `${text}${text}`,
  "as a list": (text) => `${text}, ${text}`,
  "as a long list": (text) => `${text},`.repeat(100),
  backwards: (text) => [...text].reverse().join(""),
  "in capitals": (text) => text.toUpperCase(),
  "in quotes": (text) => `"${text}"`,
  "without quotes": (text) => text.replaceAll('"', ""),
  "as a weak tag": (text) => `W/${text}`,
  "padded with =": (text) => `${text}==`,
  "in the other base64": (text) => Buffer.from(text, "base64url").toString("base64"),
  "in hexadecimal": (text) => Buffer.from(text).toString("hex"),
  "encoded once more": (text) => Buffer.from(text).toString("base64url"),
  "in braces": (text) => `{${text}}`,
  "with white space": (text) => ` ${text}\t`,
  "with a NUL": (text) => `${text}\u0000`,
  "with a dot": (text) => `${text}.`,
  "with a path": (text) => `../${text}/..`,
  "with a quote": (text) => `${text}'`,
  "its digits nines": (text) => text.replaceAll(/\d/g, "9"),
  "its letters dashes": (text) => text.replaceAll(/[0-9a-zA-Z]/g, "-"),
  "all zeros": (text) => text.replaceAll(/[0-9a-zA-Z]/g, "0"),
  "much longer": (text) => `${text}${"0".repeat(7_000)}`,
  "inside, the digits nines": inside((content) => content.replaceAll(/\d/g, "9")),
  "inside, negative": inside((content) => `-${content}`),
  "inside, with a fraction": inside((content) => content.replace(".", ".5.")),
  "inside, huge numbers": inside((content) => content.replaceAll(/\d+/g, "9".repeat(38))),
  "inside, exponents": inside((content) => content.replaceAll(/\d+/g, "1e400")),
  "inside, cut off": inside((content) => content.slice(0, -3)),
  "inside, bytes that are no text": inside((content) => `${content}\u00ff\u00fe`),
  "inside, a NUL": inside((content) => `${content}\u0000`),
  "inside, a prototype": inside(() => '{"__proto__":{"id":1}}'),
  "inside, JSON": inside(() => JSON.stringify({ createdAtMs: 8.64e15, id: null })),
  "inside, nothing": inside(() => ""),
};

/** Their names, so that a plan can be printed. */
export const tamperings: fc.Arbitrary<string> = fc.constantFrom(...Object.keys(TAMPERINGS));

export const tampered = (name: string, text: string): string => (TAMPERINGS[name] as Tampering)(text);

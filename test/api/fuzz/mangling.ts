import fc from "fast-check";

/** What is done with a body's text before it is sent, so that it is no longer what its sender meant. */
export type Mangling = (text: string) => string | Buffer;

/** Where in a text something is put: half of the way, a third... */
const at = (text: string, part: number): number => Math.floor(text.length * part);
const inserted = (text: string, part: number, more: Buffer): Buffer =>
  Buffer.concat([Buffer.from(text.slice(0, at(text, part))), more, Buffer.from(text.slice(at(text, part)))]);

/** The first member of an object comes twice, the second time as something else. */
const doubled = (text: string): string => text.replace(/^\{("(?:[^"\\]|\\.)*"):/, "{$1:null,$1:");

const MANGLINGS: Readonly<Record<string, Mangling>> = {
  "cut off": (text) => text.slice(0, -1),
  "cut in half": (text) => text.slice(0, at(text, 0.5)),
  "with more behind": (text) => `${text}}`,
  twice: (text) => `${text}${text}`,
  "with a byte order mark": (text) => `\ufeff${text}`,
  "with comments": (text) => `/**/${text}`,
  "with a comma too many": (text) => text.replace(/\}$/, ",}"),
  "in single quotes": (text) => text.replaceAll('"', "'"),
  "with a member twice": doubled,
  "in an array": (text) => `[${text}]`,
  "as a text": (text) => JSON.stringify(text),
  "with a bare NaN": (text) => text.replace(/:(?=[^:]*$)/, ':NaN,"x":'),
  "numbers huge": (text) => text.replace(/(?<=[:[])-?\d+/g, "1e400"),
  "numbers long": (text) => text.replace(/(?<=[:[])-?\d+/g, "123456789012345678901234567890"),
  "numbers signed": (text) => text.replace(/(?<=[:[])(?=\d)/g, "-"),
  "numbers minus zero": (text) => text.replace(/(?<=[:[])-?\d+/g, "-0"),
  "numbers exponential": (text) => text.replace(/(?<=[:[])-?\d+/, "1E+1"),
  "numbers as texts": (text) => text.replace(/(?<=[:[])-?\d+/g, '"1"'),
  "half a surrogate": (text) => text.replace(/"(?=[,}\]])/, '\\ud800"'),
  "an escaped NUL": (text) => text.replace(/"(?=[,}\]])/, '\\u0000"'),
  "a raw NUL": (text) => inserted(text, 0.4, Buffer.from([0])),
  "no UTF-8": (text) => inserted(text.replace(/"(?=[,}\]])/, ' "'), 0.5, Buffer.from([0xff, 0xfe])),
  "UTF-8 cut off": (text) => inserted(text, 0.6, Buffer.from([0xe2, 0x82])),
  "overlong UTF-8": (text) => inserted(text, 0.6, Buffer.from([0xc0, 0x80])),
  "a surrogate in UTF-8": (text) => inserted(text, 0.6, Buffer.from([0xed, 0xa0, 0x80])),
  "UTF-16": (text) => Buffer.from(text, "utf16le"),
  "deep arrays": () => "[".repeat(100_000),
  "deep objects": () => '{"a":'.repeat(9_000),
  "deep and whole": () => `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
  "a prototype": (text) => text.replace(/^\{/, '{"__proto__":{"admin":true},'),
  "a constructor": (text) => text.replace(/^\{/, '{"constructor":{"prototype":{"admin":true}},'),
  "a long member": (text) => text.replace(/^\{/, `{"${"k".repeat(100_000)}":1,`),
  "many members": (text) => text.replace(/^\{/, `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":1,`).join("")}`),
  "much white space": (text) => `${" ".repeat(50_000)}${text}`,
  "too large": (text) => `${text}${" ".repeat(1_100_000)}`,
  empty: () => "",
};

/** Their names, so that a plan can be printed. */
export const manglings: fc.Arbitrary<string> = fc.constantFrom(...Object.keys(MANGLINGS));

export const mangled = (name: string, text: string): string | Buffer => (MANGLINGS[name] as Mangling)(text);

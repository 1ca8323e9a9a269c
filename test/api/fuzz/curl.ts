import type { Request } from "./asking.ts";

/** A request as a line for a shell, which anybody can send again to a server of their own. */
export function curl({ method, url, headers, payload }: Request): string {
  const fields = Object.entries(headers).map(
    ([name, value]) => `-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`,
  );
  const body = payload === undefined ? [] : [`--data-binary ${quoted(payload)}`];
  const verb = method === "HEAD" ? "-I" : `-X ${method}`;
  return ["curl -sSi", "--path-as-is", verb, quoted(`http://127.0.0.1:3000${url}`), ...fields, ...body].join(" ");
}

/** A word for bash: as it is between quotes, or by escapes where it has bytes that are no text. */
export function quoted(word: string | Buffer): string {
  const bytes = typeof word === "string" ? Buffer.from(word) : word;
  const asText = bytes.toString("utf8");
  const plain = /^[\u0020-\u007e\u00a0-\ud7ff]*$/.test(asText) && Buffer.from(asText).equals(bytes);
  if (plain && !asText.includes("'")) return `'${asText}'`;
  const escaped = [...bytes].map((byte) => {
    const one = String.fromCharCode(byte);
    return byte < 0x20 || byte > 0x7e
      ? `\\x${byte.toString(16).padStart(2, "0")}`
      : /['\\]/.test(one)
        ? `\\${one}`
        : one;
  });
  return `$'${escaped.join("")}'`;
}

import { StoreUnavailable } from "../port.ts";
import type { ConnectionParts } from "./connection-string.ts";

/** What servers and connections say, and what the operator can do about it. */
const REASONS: readonly (readonly [RegExp, (parts: ConnectionParts) => string])[] = [
  [/UNAUTHENTICATED/, () => "the user or the password is wrong"],
  [
    /PERMISSION_DENIED|Access Denied/,
    ({ hasCredentials }) =>
      hasCredentials ? "the user may not read the log of all streams ($all)" : "it wants a user and a password",
  ],
  [
    /ServerName to an IP address/,
    () => "with TLS the servers have to be named, not given by IP address, in what they advertise to clients too",
  ],
  [
    /Failed to load certificate/,
    () => "a file that the connection string names (tlsCaFile, userCertFile, userKeyFile) is not there",
  ],
  [/Hostname\/IP does not match/, () => "its certificate is for other names"],
  [/certificate has expired/, () => "its certificate has expired"],
  [/certificate|self.signed/i, () => "its certificate was not signed by a CA that is trusted here: see tlsCaFile"],
  [/SSL routines|wrong version number|packet length too long/i, () => "it does not speak TLS: see tls=false"],
  [
    /Failed to connect/,
    ({ usesTls }) => (usesTls ? "it does not answer" : "it does not answer without TLS: see tls=true"),
  ],
  [/ECONNREFUSED/, () => "nothing listens there"],
  [/Name resolution failed|ENOTFOUND/, () => "there is no such host"],
];

/**
 * What keeps the server from being used at the start, in one line for the one who starts it. The client itself says of a
 * cluster only that it found no node, whatever the reason; so each host is asked alone.
 *
 * @param ask uses a server by its connection string, and rejects with the reason
 */
export async function startFailure(
  parts: ConnectionParts,
  failure: unknown,
  ask: (connectionString: string) => Promise<void>,
): Promise<StoreUnavailable> {
  const { hosts } = parts;
  const reasons = await Promise.all(
    hosts.map((host) =>
      hosts.length === 1
        ? failure
        : ask(parts.to(host)).then(
            () => failure,
            (error) => error,
          ),
    ),
  );
  const said = new Map<string, string[]>();
  for (const [index, reason] of reasons.entries()) {
    const text = inWords(parts, reason);
    said.set(text, [...(said.get(text) ?? []), hosts[index] ?? ""]);
  }
  const lines = [...said].map(([reason, at]) => `${at.join(", ")}: ${reason}`);
  return new StoreUnavailable(lines.join("; "), { cause: failure });
}

function inWords(parts: ConnectionParts, reason: unknown): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  const known = REASONS.find(([pattern]) => pattern.test(message));
  if (known !== undefined) return known[1](parts);
  return message.replaceAll(/\s+/g, " ").replace(/ Resolution note: ?$/, "");
}

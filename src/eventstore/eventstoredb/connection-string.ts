/** A connection string of EventStoreDB, as far as a message about it needs. */
export interface ConnectionParts {
  readonly hosts: readonly string[];
  readonly hasCredentials: boolean;
  readonly usesTls: boolean;
  /** The same connection to one host alone, which no longer looks for others. */
  to(host: string): string;
}

/** What the client knows, without regard to case, `-` and `_`. */
const SETTINGS = new Set([
  "usercertfile",
  "userkeyfile",
  "maxdiscoverattempts",
  "connectionname",
  "defaultdeadline",
  "discoveryinterval",
  "gossiptimeout",
  "nodepreference",
  "tls",
  "tlscafile",
  "throwonappendfailure",
  "keepaliveinterval",
  "keepalivetimeout",
]);

const SHAPE = /^esdb(?:\+discover)?:\/\/(?<user>[^:@/?#]+:[^@/?#]+@)?(?<hosts>[^@/?#]+)\/?(?:\?(?<settings>[^#?]*))?$/;

/**
 * Takes a connection string apart. What the client does not know is refused here: it would print the whole string, with
 * the password, as a warning about a setting that it ignores.
 *
 * @throws Error it is malformed or has such a setting; the message is one line without the string
 */
export function connectionParts(connectionString: string): ConnectionParts {
  const { user = "", hosts = "", settings = "" } = SHAPE.exec(connectionString.trim())?.groups ?? {};
  if (hosts === "") throw new Error("it has not the form esdb://user:password@host:2113,host:2113?setting=value");
  const given = new Map(
    settings
      .split("&")
      .filter((one) => one !== "")
      .map((one) => {
        const [name = "", value = ""] = one.split("=");
        return [name.toLowerCase().replaceAll(/[-_]/g, ""), value];
      }),
  );
  for (const name of given.keys()) {
    if (!SETTINGS.has(name)) throw new Error(`it has a setting "${name}", which there is not`);
  }
  return {
    hosts: hosts.split(","),
    hasCredentials: user !== "",
    usesTls: given.get("tls") !== "false",
    to: (host) => `esdb://${user}${host}${settings === "" ? "" : `?${settings}`}`,
  };
}

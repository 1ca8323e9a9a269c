/** What one client may take of the server: sizes, times and connections. */
export interface ServerLimits {
  /** Of a request whose route takes a body. */
  readonly bodyBytes: number;
  /** Of a request whose route takes none: what clients send with every POST, e.g. `{}`. */
  readonly emptyBodyBytes: number;
  /** All headers of a request together, its first line too. */
  readonly headerBytes: number;
  /** One part of a path, e.g. an id; longer ones are of nothing that there is. */
  readonly pathPartLength: number;
  /** For all headers of a request to arrive. */
  readonly headersMs: number;
  /** For the whole request to arrive; answering has bounds of its own. */
  readonly requestMs: number;
  /** How often what is too late is looked for. */
  readonly lookEveryMs: number;
  /** For the next request of a connection. */
  readonly keepAliveMs: number;
  /** At once; further ones are closed as they come. */
  readonly connections: number;
}

export const SERVER_LIMITS: ServerLimits = {
  bodyBytes: 1024 * 1024,
  emptyBodyBytes: 1024,
  headerBytes: 16 * 1024,
  pathPartLength: 100,
  headersMs: 10_000,
  requestMs: 30_000,
  lookEveryMs: 2_000,
  /** Above the usual 60 s of proxies in front, so that it is them who end idle connections, not we under a request. */
  keepAliveMs: 72_000,
  /** Some 10 KiB each: 10,000 who listen to a stream, and as many who ask. */
  connections: 20_000,
};

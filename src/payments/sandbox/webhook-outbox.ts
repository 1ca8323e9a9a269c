import type { DatabaseSync } from "node:sqlite";

const TABLES = `
  create table if not exists webhooks (
    seq integer primary key,
    webhook_id text not null,
    body text not null,
    made_ms integer not null,
    next_ms integer not null,
    attempts integer not null
  ) strict;
  create index if not exists webhooks_next on webhooks (next_ms);
  create table if not exists webhook_endpoints (
    url text primary key,
    told integer not null
  ) strict;
`;

/** Of nodes that come and go the last few are kept. */
const ENDPOINTS_KEPT = 8;

/** A message that some node has to get. Times are this machine's, not the moved clock's: retries are about the network. */
export interface OutgoingWebhook {
  readonly seq: number;
  /** The same for all attempts. */
  readonly webhookId: string;
  readonly body: string;
  readonly madeMs: number;
  readonly attempts: number;
}

/** What is to be delivered, and where. Writes belong into a transaction. */
export interface WebhookOutbox {
  add(webhookId: string, body: string, nowMs: number): void;
  /** Those to be tried now, the longest waiting first. */
  due(nowMs: number, limit: number): OutgoingWebhook[];
  earliestMs(): number | null;
  remove(seq: number): void;
  postpone(seq: number, nextMs: number): void;
  /** The addresses of nodes, the latest told first. */
  endpoints(): string[];
  /** Takes an address in, and has everything tried again at once: somebody is there. */
  tellEndpoint(url: string, nowMs: number): void;
}

export function webhookOutbox(database: DatabaseSync): WebhookOutbox {
  database.exec(TABLES);
  const add = database.prepare(
    "insert into webhooks (webhook_id, body, made_ms, next_ms, attempts) values (?, ?, ?, ?, 0)",
  );
  const due = database.prepare("select * from webhooks where next_ms <= ? order by next_ms, seq limit ?");
  const earliest = database.prepare("select min(next_ms) as next_ms from webhooks");
  const remove = database.prepare("delete from webhooks where seq = ?");
  const postpone = database.prepare("update webhooks set next_ms = ?, attempts = attempts + 1 where seq = ?");
  const hasten = database.prepare("update webhooks set next_ms = ? where next_ms > ?");
  const endpoints = database.prepare("select url from webhook_endpoints order by told desc");
  const tell = database.prepare(`
    insert into webhook_endpoints values (?, (select coalesce(max(told), 0) + 1 from webhook_endpoints))
    on conflict (url) do update set told = excluded.told
  `);
  const forget = database.prepare(
    "delete from webhook_endpoints where url not in (select url from webhook_endpoints order by told desc limit ?)",
  );

  return {
    add(webhookId, body, nowMs) {
      add.run(webhookId, body, nowMs, nowMs);
    },
    due: (nowMs, limit) => due.all(nowMs, limit).map((row) => outgoing(row as Row)),
    earliestMs: () => (earliest.get() as { next_ms: number | null }).next_ms,
    remove(seq) {
      remove.run(seq);
    },
    postpone(seq, nextMs) {
      postpone.run(nextMs, seq);
    },
    endpoints: () => endpoints.all().map(({ url }) => url as string),
    tellEndpoint(url, nowMs) {
      tell.run(url);
      forget.run(ENDPOINTS_KEPT);
      hasten.run(nowMs, nowMs);
    },
  };
}

type Row = Readonly<Record<string, string | number>>;

const outgoing = (row: Row): OutgoingWebhook => ({
  seq: row.seq as number,
  webhookId: row.webhook_id as string,
  body: row.body as string,
  madeMs: row.made_ms as number,
  attempts: row.attempts as number,
});

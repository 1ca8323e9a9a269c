import pg from "pg";

/** The types of a stream's events, in their order. */
export async function eventsOf(databaseUrl: string, stream: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ type: string }>(
      `select e.type from eventstore.events e join eventstore.streams s on s.id = e.stream_id
       where s.name = $1 order by e.revision`,
      [stream],
    );
    return rows.map(({ type }) => type);
  } finally {
    await client.end();
  }
}

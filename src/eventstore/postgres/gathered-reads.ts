/** One who waits for a short read. */
interface WaitingRead<Row> {
  readonly stream: string;
  readonly first: number;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What many ask for at the same time: in the order of the questions, the rows of each. */
export type ReadMany<Row> = (
  streams: readonly string[],
  firsts: readonly number[],
) => Promise<readonly (readonly Row[])[]>;

export interface GatheredReads<Row> {
  /** The stream's first few events from a revision on; fails as the query does that it shares. */
  read(stream: string, first: number): Promise<readonly Row[]>;
}

/**
 * Short reads share queries: while one is under way the next ones gather, so that under load a query answers many. An
 * on-sale asks for hundreds of tails and new streams a second, each of a few events or none.
 */
export function gatheredReads<Row>(
  readMany: ReadMany<Row>,
  { atOnce, mostPerQuery }: { readonly atOnce: number; readonly mostPerQuery: number },
): GatheredReads<Row> {
  const waiting: WaitingRead<Row>[] = [];
  let underWay = 0;

  function start(): void {
    while (underWay < atOnce && waiting.length > 0) {
      const some = waiting.splice(0, mostPerQuery);
      underWay += 1;
      void answer(some).finally(() => {
        underWay -= 1;
        start();
      });
    }
  }

  async function answer(some: readonly WaitingRead<Row>[]): Promise<void> {
    try {
      const found = await readMany(
        some.map(({ stream }) => stream),
        some.map(({ first }) => first),
      );
      for (const [index, { resolve }] of some.entries()) resolve(found[index] ?? []);
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }

  return {
    read: (stream, first) =>
      new Promise((resolve, reject) => {
        waiting.push({ stream, first, resolve, reject });
        if (waiting.length === 1) setImmediate(start); // what is asked in the same turn of the event loop shares a query
      }),
  };
}

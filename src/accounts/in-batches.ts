interface Waiting<Key, Found> {
  readonly key: Key;
  readonly found: (found: Found) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Asks for what many want with few questions: what is wanted in the same turn of the event loop, and while all questions
 * are under way that may be, is asked for together. No answer is older than the wish for it: who comes while a question is
 * under way waits for the next.
 * @param ask answers for each key, in the order of the keys
 * @param underWay questions at a time
 * @param most keys in a question
 */
export function inBatches<Key, Found>(
  ask: (keys: readonly Key[]) => Promise<readonly Found[]>,
  { underWay, most }: { readonly underWay: number; readonly most: number },
): (key: Key) => Promise<Found> {
  const waiting: Waiting<Key, Found>[] = [];
  let asking = 0;
  let isTurnsEndAwaited = false;

  function atTurnsEnd(): void {
    isTurnsEndAwaited = false;
    while (asking < underWay && waiting.length > 0) void put(waiting.splice(0, most));
  }

  async function put(batch: readonly Waiting<Key, Found>[]): Promise<void> {
    asking += 1;
    try {
      const found = await ask(batch.map(({ key }) => key));
      for (const [index, one] of batch.entries()) one.found(found[index] as Found);
    } catch (error) {
      for (const { failed } of batch) failed(error);
    } finally {
      asking -= 1;
      atNextTurn();
    }
  }

  function atNextTurn(): void {
    if (isTurnsEndAwaited || asking >= underWay || waiting.length === 0) return;
    isTurnsEndAwaited = true;
    setImmediate(atTurnsEnd);
  }

  return (key) =>
    new Promise((found, failed) => {
      waiting.push({ key, found, failed });
      atNextTurn();
    });
}

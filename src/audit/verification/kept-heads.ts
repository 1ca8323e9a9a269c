import type { KeyObject } from "node:crypto";
import { publicKeysIn } from "../../verifier/key-files.ts";
import type { RunningHead } from "../../verifier/running-head.ts";
import { isSignedBy, type SignedHead } from "../../verifier/signed-head.ts";
import type { HeadQueries } from "../heads/table.ts";
import type { Found } from "./found.ts";

const AT_ONCE = 1_000;

/** The heads that are kept, held against the log as it is read: each is of what stands up to its position. */
export class KeptHeads {
  readonly #queries: Pick<HeadQueries, "after">;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #found: Found;
  #next: SignedHead[] = [];
  /** Up to there they were fetched. */
  #after: bigint;
  #isAll = false;
  compared = 0;

  private constructor(queries: HeadQueries, keys: ReadonlyMap<string, KeyObject>, found: Found, after: bigint) {
    this.#queries = queries;
    this.#keys = keys;
    this.#found = found;
    this.#after = after;
  }

  static async open(queries: HeadQueries, found: Found, after: bigint): Promise<KeptHeads> {
    const keys = publicKeysIn(JSON.stringify({ keys: await queries.keys() }));
    return new KeptHeads(queries, keys, found, after);
  }

  /** To be called before each page, with its last position: then those that are up to there are at hand. */
  async refill(last: bigint): Promise<void> {
    while (!this.#isAll && this.#after < last) {
      const more = await this.#queries.after(this.#after, AT_ONCE);
      this.#after = more.at(-1)?.position ?? this.#after;
      this.#isAll = more.length < AT_ONCE;
      this.#next.push(...more);
    }
  }

  /** Whether a head is of this position or one before. */
  isDue = (position: bigint): boolean => this.#next[0] !== undefined && this.#next[0].position <= position;

  /** @param head of the log up to here */
  compare(head: RunningHead): void {
    for (let kept = this.#next[0]; kept !== undefined && kept.position <= head.position; kept = this.#next[0]) {
      this.#next.shift();
      this.compared += 1;
      const key = this.#keys.get(kept.keyId);
      if (key === undefined || !isSignedBy(kept, key)) this.#differs(kept, "its signature is not that of its key");
      if (kept.position < head.position) this.#differs(kept, "the event that it was signed at is not there");
      else if (kept.count !== head.count) {
        this.#differs(kept, `it was signed over ${kept.count} events, and up to here there are ${head.count}`);
      } else if (kept.hash !== head.hash) this.#differs(kept, "up to here it is not the log that was signed");
    }
  }

  #differs({ position }: SignedHead, detail: string): void {
    this.#found.add({ code: "head-differs", position: String(position), stream: null, revision: null, detail });
  }
}

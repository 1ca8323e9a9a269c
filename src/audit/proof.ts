import { LRUCache } from "lru-cache";
import type { KnownListing } from "../domain/listing-state.ts";
import type { SignedHead } from "../verifier/signed-head.ts";
import type { HeadQueries } from "./heads/table.ts";
import { EMPTY_LEDGER } from "./inventory-ledger.ts";
import type { AuditTrail } from "./trail.ts";

/** What of an event's tickets anybody can be shown, as of a head of the log that is signed. */
export interface EventProof {
  /** null: none was signed yet, and the counts are as of now. */
  readonly head: SignedHead | null;
  readonly ticketTypes: readonly TicketTypeProof[];
}

export interface TicketTypeProof {
  readonly ticketTypeId: string;
  readonly name: string;
  readonly total: number;
  readonly held: number;
  readonly booked: number;
  /** Of the last event of its stream that counts, and what that is known by; null before the first. */
  readonly revision: number | null;
  readonly hash: string | null;
}

export interface EventProofs {
  /** @throws StoreUnavailable */
  of(listing: KnownListing): Promise<EventProof>;
}

/** Events whose proofs are kept until the next head. */
const KEPT = 500;

export function eventProofs({
  trail,
  heads,
}: {
  readonly trail: Pick<AuditTrail, "inventory">;
  readonly heads: Pick<HeadQueries, "latest">;
}): EventProofs {
  const kept = new LRUCache<string, Promise<EventProof>>({ max: KEPT });

  async function prove({ eventId, ticketTypes }: KnownListing, head: SignedHead | null): Promise<EventProof> {
    const instant = head === null ? "now" : { position: head.position };
    const proofs = ticketTypes.map(async ({ ticketTypeId, name, changes }) => {
      const found = await trail.inventory(eventId, ticketTypeId, instant);
      const { total, held, booked } = found?.ledger ?? EMPTY_LEDGER;
      const [revision, hash] = [found?.last.stored.revision ?? null, found?.last.hash ?? null];
      return { ticketTypeId, name: changes.name ?? name, total, held, booked, revision, hash };
    });
    return { head, ticketTypes: await Promise.all(proofs) };
  }

  return {
    async of(listing) {
      const head = await heads.latest();
      if (head === null) return prove(listing, head);
      const key = `${listing.eventId} ${listing.version} ${head.position}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const proof = prove(listing, head);
      kept.set(key, proof);
      proof.catch(() => kept.delete(key));
      return proof;
    },
  };
}

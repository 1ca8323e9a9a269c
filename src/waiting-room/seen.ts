import { type KeyedHash, keyedHash } from "./keyed-hash.ts";

/**
 * Which accounts came already, so that one who comes again is not counted again: bits, not names. Each account has one
 * bit; who finds it set was seen before, or shares it with somebody. For those who were taken for somebody else, whoever
 * is new stands for more than one, so that sums are right on average (a linear counter, read as it fills).
 *
 * Tables get bigger as they fill: 128 KiB, 2 MiB and 16 MiB for 500,000, 8,000,000 and 60,000,000 accounts.
 */
export class SeenAccounts {
  readonly #hashOf: KeyedHash;
  readonly #tables: Table[] = [tableOf(FIRST_BITS)];

  /** @param key of this process: nobody can choose accounts that share a bit */
  constructor(key: Buffer) {
    this.#hashOf = keyedHash(key);
  }

  /** Takes note of an account. @returns for how many people it counts: 0 when it was seen before, else 1 or more */
  see(accountId: string): number {
    const digest = this.#hashOf(accountId);
    let chance = 1;
    for (const { bits, size, set } of this.#tables) {
      if (isSet(bits, bitOf(digest, size))) return 0;
      chance *= 1 - set / size;
    }
    const last = this.#tables.at(-1) as Table;
    const bit = bitOf(digest, last.size);
    last.bits[bit >>> 3] = (last.bits[bit >>> 3] as number) | (1 << (bit & 7));
    last.set += 1;
    if (last.set > last.size * FULL && last.size < LAST_BITS) this.#tables.push(tableOf(last.size * GROWS));
    return 1 / chance;
  }

  /** Bytes that the tables have. */
  get bytes(): number {
    return this.#tables.reduce((sum, { bits }) => sum + bits.length, 0);
  }
}

interface Table {
  readonly bits: Uint8Array;
  readonly size: number;
  set: number;
}

const FIRST_BITS = 2 ** 20;
const GROWS = 2 ** 4;
const LAST_BITS = 2 ** 27;
const FULL = 0.4;

const tableOf = (size: number): Table => ({
  bits: new Uint8Array(Math.min(size, LAST_BITS) / 8),
  size: Math.min(size, LAST_BITS),
  set: 0,
});

/** Of tables of several sizes another part of the digest each, or those who share a bit in one would in all. */
const bitOf = (digest: Buffer, size: number): number =>
  digest.readUInt32BE(size === FIRST_BITS ? 0 : size === LAST_BITS ? 8 : 4) % size;

const isSet = (bits: Uint8Array, bit: number): boolean => ((bits[bit >>> 3] as number) & (1 << (bit & 7))) !== 0;

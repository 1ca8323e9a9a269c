import { hash } from "node:crypto";

/** A run of random numbers that is always the same for the same text (sfc32). */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    const bytes = hash("sha256", seed, "buffer");
    this.#a = bytes.readInt32LE(0);
    this.#b = bytes.readInt32LE(4);
    this.#c = bytes.readInt32LE(8);
  }

  /** 32 random bits, as a number from 0. */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 to below 1. */
  share(): number {
    return this.bits() / 2 ** 32;
  }

  /** Whole numbers, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.share() * (most - least + 1));
  }

  /** Whether something happens that happens so often. */
  isSo(share: number): boolean {
    return this.share() < share;
  }

  /** @param from at least one */
  one<Item>(from: readonly Item[]): Item {
    return from[Math.floor(this.share() * from.length)] as Item;
  }

  /** Early ones more often: the tenth a tenth as often as the first. */
  oneOfRanked<Item>(from: readonly Item[]): Item {
    const rank = Math.floor((from.length + 1) ** this.share() - 1);
    return from[Math.min(rank, from.length - 1)] as Item;
  }

  /** A UUID (version 8). */
  uuid(): string {
    const [a, b, c, d] = [this.bits(), this.bits(), this.bits(), this.bits()];
    const versioned = (b & 0xffff0fff) | 0x8000;
    const variant = (c & 0x3fffffff) | 0x80000000;
    return `${four(a >>> 16)}${four(a)}-${four(versioned >>> 16)}-${four(versioned)}-${four(variant >>> 16)}-${four(variant)}${four(d >>> 16)}${four(d)}`;
  }

  /** A UUID whose order is that of times, as the product's own (version 7). */
  uuidAt(atMs: number): string {
    const time = atMs.toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${this.uuid().slice(15)}`;
  }
}

/** The lower 16 bits in hexadecimal. */
const four = (bits: number): string => (0x10000 | (bits & 0xffff)).toString(16).slice(1);

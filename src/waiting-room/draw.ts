import { createHmac, hash } from "node:crypto";
import { LOTS } from "../domain/waiting-room/rank.ts";
import type { Beacon, SeedOf } from "../domain/waiting-room-events.ts";
import { keyedHash } from "./keyed-hash.ts";

/**
 * The seed of a round, 64 hexadecimal digits. It is made from this installation's secret, so that every node has it and
 * nobody else, and nothing of it is kept before it is revealed.
 */
export const seedOf = (secret: Buffer, eventId: string, round: number, of: SeedOf): string =>
  createHmac("sha256", secret).update(`waiting-room/${eventId}/${round}/${of}`).digest("hex");

/**
 * What is published before the opening: the SHA-256 of the seed's 64 digits; with a beacon, of the digits, a space and
 * the name of its source. As a shell has it: `printf %s "$seed" | sha256sum`.
 */
export const commitmentTo = (seed: string, beacon: Pick<Beacon, "source"> | null = null): string =>
  hash("sha256", beacon === null ? seed : `${seed} ${beacon.source}`, "hex");

/**
 * An account's lot, from 0 to below {@link LOTS}: 28 bits of HMAC-SHA256, keyed by the seed's digits (with a beacon: and a
 * space and its value), of the account's id. Whoever knows the seed can tell everybody's; before, nobody but the operator.
 */
export const lotOf = (seed: string, accountId: string, beaconValue: string | null = null): number =>
  lotIn(createHmac("sha256", drawKeyOf(seed, beaconValue)).update(accountId).digest());

/** The same lots, for who asks for many under one key: see {@link drawKeyOf} and {@link lotKeyOf}. */
export function lotsBy(key: string): (accountId: string) => number {
  const hashOf = keyedHash(key);
  return (accountId) => lotIn(hashOf(accountId));
}

const lotIn = (digest: Buffer): number => digest.readUInt32BE(0) % LOTS;

/** The key of the lots of all who came before the opening. */
export const drawKeyOf = (seed: string, beaconValue: string | null): string =>
  beaconValue === null ? seed : `${seed} ${beaconValue}`;

/** The key of lots in a second after the opening: another one each second, of a seed that stays secret to the end. */
export const lotKeyOf = (laterSeed: string, second: number): string => `${laterSeed} ${second}`;

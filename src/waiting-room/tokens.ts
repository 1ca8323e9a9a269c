import { hash, timingSafeEqual } from "node:crypto";
import { keyedHash } from "./keyed-hash.ts";

/** Somebody came to a waiting room: all that there is of it is in the hands of whoever came. */
export interface Entry {
  readonly eventId: string;
  readonly accountId: string;
  readonly round: number;
  /** 0: everybody else; from 1 on the room's priority classes. */
  readonly classIndex: number;
  /** Of arrival, see `arrivalSecond`. */
  readonly second: number;
}

/** The right of an account to make one reservation for an event. */
export interface Admission {
  readonly eventId: string;
  readonly accountId: string;
  readonly round: number;
  /** Epoch milliseconds: when the entry was made, to the second. An entry from before the opening has the opening's. */
  readonly enteredAtMs: number;
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** Signs entries and admissions, and tells its own from any other. Tokens are short, and the same for the same facts. */
export interface RoomTokens {
  entryToken(entry: Entry): string;
  /** null: it is not one of ours. */
  readEntry(token: string): Entry | null;
  admissionToken(admission: Admission): string;
  readAdmission(token: string): Admission | null;
}

const ENTRY = 1;
const ADMISSION = 2;
const ENTRY_BYTES = 1 + 16 + 16 + 4 + 1 + 4;
const ADMISSION_BYTES = 1 + 16 + 16 + 4 + 8 + 8;
/** 128 bits of the HMAC: nobody guesses one, and the token stays short. */
const MAC_BYTES = 16;

export function roomTokensBy(secret: Buffer): RoomTokens {
  const hashOf = keyedHash(secret);
  const macOf = (facts: Buffer): Buffer => hashOf(facts).subarray(0, MAC_BYTES);
  const signed = (facts: Buffer): string => Buffer.concat([facts, macOf(facts)]).toString("base64url");
  const open = (token: string, kind: number, length: number): Buffer | null => {
    if (token.length !== Math.ceil(((length + MAC_BYTES) * 4) / 3)) return null;
    const bytes = Buffer.from(token, "base64url");
    if (bytes.length !== length + MAC_BYTES || bytes[0] !== kind) return null;
    const facts = bytes.subarray(0, length);
    return timingSafeEqual(macOf(facts), bytes.subarray(length)) ? facts : null;
  };
  return {
    entryToken({ eventId, accountId, round, classIndex, second }) {
      const facts = factsOf(ENTRY, ENTRY_BYTES, eventId, accountId, round);
      facts.writeUInt8(classIndex, 37);
      facts.writeUInt32BE(second, 38);
      return signed(facts);
    },
    readEntry(token) {
      const facts = open(token, ENTRY, ENTRY_BYTES);
      if (facts === null) return null;
      return { ...aboutIn(facts), classIndex: facts.readUInt8(37), second: facts.readUInt32BE(38) };
    },
    admissionToken({ eventId, accountId, round, enteredAtMs, expiresAtMs }) {
      const facts = factsOf(ADMISSION, ADMISSION_BYTES, eventId, accountId, round);
      facts.writeDoubleBE(enteredAtMs, 37);
      facts.writeDoubleBE(expiresAtMs, 45);
      return signed(facts);
    },
    readAdmission(token) {
      const facts = open(token, ADMISSION, ADMISSION_BYTES);
      if (facts === null) return null;
      return { ...aboutIn(facts), enteredAtMs: facts.readDoubleBE(37), expiresAtMs: facts.readDoubleBE(45) };
    },
  };
}

/** What of an admission goes on record: not the token, which somebody could use. */
export const admissionIdOf = ({ eventId, accountId, round, enteredAtMs, expiresAtMs }: Admission): string =>
  hash("sha256", `admission/${eventId}/${accountId}/${round}/${enteredAtMs}/${expiresAtMs}`, "base64url").slice(0, 22);

function factsOf(kind: number, length: number, eventId: string, accountId: string, round: number): Buffer {
  const facts = Buffer.alloc(length);
  facts.writeUInt8(kind, 0);
  facts.write(eventId.replaceAll("-", ""), 1, "hex");
  facts.write(accountId.replaceAll("-", ""), 17, "hex");
  facts.writeUInt32BE(round, 33);
  return facts;
}

const aboutIn = (facts: Buffer) => ({
  eventId: uuidIn(facts.subarray(1, 17)),
  accountId: uuidIn(facts.subarray(17, 33)),
  round: facts.readUInt32BE(33),
});

function uuidIn(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

import { describe, expect, it } from "vitest";
import {
  createSignInAttempts,
  MOST_OF_ACCOUNT,
  MOST_OF_ADDRESS,
  MOST_OF_BOTH,
  SIGN_IN_WINDOW_MS,
} from "../../src/accounts/sign-in-attempts.ts";

const HOME = { address: "192.0.2.1", email: "ada@example.org" };
const attemptsAt = (clock: { ms: number }) => createSignInAttempts(() => clock.ms);
const times = <Value>(count: number, make: (i: number) => Value): Value[] =>
  Array.from({ length: count }, (_, i) => make(i));

describe("attempts to sign in", () => {
  it("from one address for one account are few, whatever the e-mail's case, and others are not meant", () => {
    const clock = { ms: 0 };
    const attempts = attemptsAt(clock);
    for (let i = 0; i < MOST_OF_BOTH; i++) expect(attempts.begin(HOME)).toBeNull();
    expect(attempts.begin({ ...HOME, email: "ADA@example.org" })).toBe(SIGN_IN_WINDOW_MS / 1000);
    expect(attempts.begin({ ...HOME, email: "eve@example.org" })).toBeNull();
    expect(attempts.begin({ ...HOME, address: "192.0.2.2" })).toBeNull();
    clock.ms = SIGN_IN_WINDOW_MS;
    expect(attempts.begin(HOME)).toBeNull();
  });

  it("from one address are limited over all accounts: one password tried on many", () => {
    const attempts = attemptsAt({ ms: 0 });
    const waits = times(MOST_OF_ADDRESS + 1, (i) => attempts.begin({ ...HOME, email: `${i}@example.org` }));
    expect(waits.findIndex((wait) => wait !== null)).toBe(MOST_OF_ADDRESS);
    expect(attempts.begin({ address: "192.0.2.2", email: "new@example.org" })).toBeNull();
  });

  it("for one account are limited over all addresses: many that guess together", () => {
    const attempts = attemptsAt({ ms: 0 });
    const waits = times(MOST_OF_ACCOUNT + 1, (i) => attempts.begin({ ...HOME, address: `192.0.2.${i}` }));
    expect(waits.findIndex((wait) => wait !== null)).toBe(MOST_OF_ACCOUNT);
    expect(attempts.begin({ address: "198.51.100.1", email: "new@example.org" })).toBeNull();
  });

  it("that have to wait are not counted for anything else", () => {
    const attempts = attemptsAt({ ms: 0 });
    for (let i = 0; i < MOST_OF_ADDRESS + MOST_OF_BOTH; i++) attempts.begin(HOME);
    expect(attempts.begin({ ...HOME, email: "eve@example.org" })).toBeNull();
  });

  it("that succeed don't count, and give no new guesses at other accounts", () => {
    const attempts = attemptsAt({ ms: 0 });
    for (let i = 0; i < 10 * MOST_OF_ADDRESS; i++) {
      expect(attempts.begin(HOME)).toBeNull();
      attempts.succeeded(HOME);
    }
    for (let i = 0; i < MOST_OF_ADDRESS; i++) {
      expect(attempts.begin({ ...HOME, email: `${i}@example.org` })).toBeNull();
      if (i === 0) continue;
      // An own account in between.
      if (attempts.begin(HOME) === null) attempts.succeeded(HOME);
    }
    expect(attempts.begin({ ...HOME, email: "last@example.org" })).not.toBeNull();
  });

  it("are free again for whoever has proven by mail that the account is theirs", () => {
    const attempts = attemptsAt({ ms: 0 });
    for (let i = 0; i < MOST_OF_BOTH; i++) attempts.begin(HOME);
    times(MOST_OF_ACCOUNT, (i) => attempts.begin({ ...HOME, address: `192.0.2.${i + 10}` }));
    expect(attempts.begin(HOME)).not.toBeNull();
    attempts.proven(HOME);
    expect(attempts.begin(HOME)).toBeNull();
  });
});

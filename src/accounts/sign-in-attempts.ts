import { createAttempts } from "./attempts.ts";

/** Somebody at an address who wants to sign in to an account. */
export interface Attempt {
  readonly address: string;
  /** Whatever its case. */
  readonly email: string;
}

/** Attempts to sign in that may be guesses. */
export interface SignInAttempts {
  /**
   * Counts one more attempt, unless it has to wait.
   * @returns null when it may go on, else the seconds until the next one may
   */
  begin(attempt: Attempt): number | null;
  /** The password was right. */
  succeeded(attempt: Attempt): void;
  /** Whose account it is has proven it in another way, by a mail: guesses of before don't keep them out. */
  proven(attempt: Attempt): void;
}

export const SIGN_IN_WINDOW_MS = 15 * 60 * 1000;
/** From one address for one account: somebody who has forgotten the password. */
export const MOST_OF_BOTH = 10;
/** From one address for all accounts: an office behind one address, but not a list of stolen passwords. */
export const MOST_OF_ADDRESS = 100;
/** For one account from all addresses. What locks out guessers locks out the owner too, but for a new password by mail. */
export const MOST_OF_ACCOUNT = 100;

/**
 * Limits wrong passwords for an address, for an account, and for both together, each within 15 minutes of the first.
 * Counted in this process: several nodes allow as many times more.
 */
export function createSignInAttempts(nowMs: () => number): SignInAttempts {
  const ofBoth = createAttempts(MOST_OF_BOTH, SIGN_IN_WINDOW_MS, nowMs);
  const ofAddress = createAttempts(MOST_OF_ADDRESS, SIGN_IN_WINDOW_MS, nowMs);
  const ofAccount = createAttempts(MOST_OF_ACCOUNT, SIGN_IN_WINDOW_MS, nowMs);
  const limitsOn = ({ address, email }: Attempt) => {
    const account = email.toLowerCase();
    return [
      [ofBoth, `${address} ${account}`],
      [ofAddress, address],
      [ofAccount, account],
    ] as const;
  };

  return {
    begin(attempt) {
      const limits = limitsOn(attempt);
      const waits = limits.flatMap(([attempts, key]) => attempts.waitSeconds(key) ?? []);
      if (waits.length > 0) return Math.max(...waits);
      for (const [attempts, key] of limits) attempts.count(key);
      return null;
    },
    succeeded(attempt) {
      const [both, ...others] = limitsOn(attempt);
      both[0].forget(both[1]);
      // Of these only this one: whoever has an account of their own must not be given new guesses at others by it.
      for (const [attempts, key] of others) attempts.takeBack(key);
    },
    proven(attempt) {
      const [both, , account] = limitsOn(attempt);
      both[0].forget(both[1]);
      account[0].forget(account[1]);
    },
  };
}

import { hash, verify } from "@node-rs/argon2";
import { Busy } from "../commands/outcome.ts";

/** Hashing is slow on purpose and takes 19 MiB at a time (argon2id as OWASP recommends: 19 MiB, 2 passes, 1 lane). */
export interface Passwords {
  /** @throws Busy */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one that was hashed. With null, for an account that isn't there, it does the same work
   * and says no, so that the time taken doesn't tell which e-mails have an account.
   * @throws Busy
   */
  matches(password: string, passwordHash: string | null): Promise<boolean>;
}

export interface PasswordLimits {
  /** Hashes at once; they run on Node's pool of 4 threads, which files and DNS need too. */
  readonly atOnce: number;
  /** Hashes that may wait for their turn; beyond it callers get {@link Busy}. */
  readonly waiting: number;
}

export async function createPasswords({ atOnce, waiting }: PasswordLimits): Promise<Passwords> {
  const nobodys = await hash("nobody has this password");
  const queue: (() => void)[] = [];
  let running = 0;

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running < atOnce) running += 1;
    else if (queue.length >= waiting) throw new Busy("too many passwords wait to be hashed");
    else await new Promise<void>((resume) => queue.push(resume)); // the place is handed over, so running stays
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    hash: (password) => inTurn(() => hash(password)),
    matches: (password, passwordHash) =>
      inTurn(async () => (await verify(passwordHash ?? nobodys, password)) && passwordHash !== null),
  };
}

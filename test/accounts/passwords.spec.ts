import { describe, expect, it } from "vitest";
import { createPasswords } from "../../src/accounts/passwords.ts";
import { Busy } from "../../src/commands/outcome.ts";

describe("passwords", () => {
  it("are kept as argon2id, and match only themselves", async () => {
    const passwords = await createPasswords({ atOnce: 2, waiting: 10 });
    const hash = await passwords.hash("a good password");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.matches("a good password", hash)).toBe(true);
    expect(await passwords.matches("A good password", hash)).toBe(false);
  });

  it("of nobody take as long to refuse, even the one that the stand-in was made of", async () => {
    const passwords = await createPasswords({ atOnce: 1, waiting: 10 });
    const hash = await passwords.hash("a good password");
    const timed = async (against: string | null) => {
      const began = performance.now();
      expect(await passwords.matches("nobody has this password", against)).toBe(false);
      return performance.now() - began;
    };
    let [ofNobody, ofSomebody] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 8; i++) {
      // By turns, as a busy machine slows both down.
      ofNobody = Math.min(ofNobody, await timed(null));
      ofSomebody = Math.min(ofSomebody, await timed(hash));
    }
    expect(ofNobody).toBeGreaterThan(ofSomebody / 3);
  });

  it("wait for their turn up to a number, beyond which they are refused, and all turns are given back", async () => {
    const passwords = await createPasswords({ atOnce: 1, waiting: 2 });
    for (let round = 0; round < 2; round++) {
      const all = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.hash("x")));
      expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
      for (const one of all) if (one.status === "rejected") expect(one.reason).toBeInstanceOf(Busy);
    }
    await expect(passwords.matches("x", "not a hash")).rejects.toThrow();
    expect(await passwords.hash("x")).toContain("argon2id"); // a failure gives its turn back too
  });
});

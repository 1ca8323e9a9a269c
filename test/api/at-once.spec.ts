import { expect, it } from "vitest";
import { atOnce } from "../../src/api/conventions/at-once.ts";

async function* endless() {
  for (let piece = 0; ; piece += 1) yield piece;
}

it("no more than so many are gone through at a time; who leaves early makes room", async () => {
  const limited = atOnce(2, () => new Error("too many"));
  const [first, second, third] = [limited(endless), limited(endless), limited(endless)];
  expect([await first.next(), await second.next()]).toMatchObject([{ value: 0 }, { value: 0 }]);
  await expect(third.next()).rejects.toThrow("too many");
  await first.return();
  const fourth = limited(endless);
  expect(await fourth.next()).toMatchObject({ value: 0 });
  await expect(limited(endless).next()).rejects.toThrow("too many");
});

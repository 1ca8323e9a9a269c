import { expect, it } from "vitest";
import { holdTokensBy } from "../../src/commands/hold-tokens.ts";

const tokens = holdTokensBy(Buffer.alloc(32, 1));
const others = holdTokensBy(Buffer.alloc(32, 2));

it.each(["account", "guest"] as const)(
  "the token of the hold of an %s proves that, and can be given again",
  (holder) => {
    const token = tokens.tokenOf("a", holder);
    expect(tokens.tokenOf("a", holder)).toBe(token);
    expect(tokens.holderBy("a", token)).toBe(holder);
  },
);

it("no other text does: of another hold, by another secret, cut, or made up", () => {
  const token = tokens.tokenOf("a", "guest");
  const wrong = [tokens.tokenOf("b", "guest"), others.tokenOf("a", "guest"), token.slice(1), `${token}A`, "", "guest"];
  expect(wrong.map((text) => tokens.holderBy("a", text))).toEqual(wrong.map(() => null));
});

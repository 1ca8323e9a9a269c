import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyedHash } from "../../src/waiting-room/keyed-hash.ts";

describe("a keyed hash", () => {
  it("is HMAC-SHA256 as RFC 4231 has it", () => {
    const hex = (text: string) => Buffer.from(text, "hex");
    for (const [key, message, expected] of [
      [Buffer.alloc(20, 0x0b), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
      ["Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
      [
        Buffer.alloc(131, 0xaa),
        "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      ],
    ] as const) {
      expect(keyedHash(key)(message)).toEqual(hex(expected));
    }
  });

  it("is what createHmac says, whatever key and message, one message after the other", () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
    const key = fc.oneof(bytes(200), fc.string({ maxLength: 100, unit: "binary" }));
    const message = fc.oneof(bytes(400), fc.string({ maxLength: 150, unit: "binary" }));
    fc.assert(
      fc.property(key, fc.array(message, { minLength: 1, maxLength: 5 }), (secret, messages) => {
        const hashed = keyedHash(secret);
        const all = messages.map((one) => hashed(one)); // before any is looked at: none is written over by the next
        for (const [n, one] of messages.entries()) {
          expect(all[n]?.toString("hex")).toBe(createHmac("sha256", secret).update(one).digest("hex"));
        }
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { componentsOnce } from "../../src/api/documentation/components.ts";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Record<string, unknown>, required: string[] = []) => ({ properties, required });

describe("components of the OpenAPI document", () => {
  it("stand once, when requests and replies have the same", () => {
    const once = componentsOnce({
      paths: { ask: ref("EventInput"), answer: ref("Event") },
      schemas: {
        Money: object({ amount: {} }),
        MoneyInput: object({ amount: {} }),
        Event: object({ price: ref("Money") }),
        EventInput: object({ price: ref("MoneyInput") }),
      },
    });
    expect(once).toEqual({
      paths: { ask: ref("Event"), answer: ref("Event") },
      schemas: { Money: object({ amount: {} }), Event: object({ price: ref("Money") }) },
    });
  });

  it("stand twice, when they differ, and so does what refers to them", () => {
    const apart = {
      paths: { ask: ref("EventInput"), answer: ref("Event") },
      schemas: {
        Event: object({ price: ref("Money") }),
        EventInput: object({ price: ref("MoneyInput") }),
        Money: object({ currency: {} }, ["currency"]),
        MoneyInput: object({ currency: {} }),
      },
    };
    expect(componentsOnce(apart)).toEqual(apart);
  });

  it("have their own name, when only requests have them, and go, when nothing has", () => {
    const once = componentsOnce({
      paths: { ask: ref("WishInput") },
      schemas: { Wish: object({ a: {} }, ["a"]), WishInput: object({ a: {} }), Unused: {}, UnusedInput: {} },
    });
    expect(once).toEqual({ paths: { ask: ref("Wish") }, schemas: { Wish: object({ a: {} }) } });
  });
});

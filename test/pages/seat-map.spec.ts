import { describe, expect, it } from "vitest";
import { layoutOf, middleOf, neighbourOf, seatAt } from "../../src/pages/tickets/map-layout.js";
import { fitted, showing, zoomed } from "../../src/pages/tickets/map-view.js";
import { createSeatMap, FREE, HELD, type SeatsView, SOLD } from "../../src/pages/tickets/seat-map.js";

const price = { amount: 100, currency: "EUR" };
const seat = (id: string, status = "AVAILABLE") =>
  ({ seat: id, status }) as SeatsView["sections"][0]["rows"][0]["seats"][0];
const row = (section: string, name: string, length: number) => ({
  name,
  seats: Array.from({ length }, (_, index) => seat(`${section}-${name}-${index + 1}`)),
});
const section = (name: string, ...lengths: number[]) => ({
  name,
  price,
  rows: lengths.map((length, index) => row(name, String(index + 1), length)),
});
const mapOf = (...sections: SeatsView["sections"]) => createSeatMap({ revision: 7, sections });
const everySeat = (map: ReturnType<typeof mapOf>) => map.ids.map((_, index) => index);

describe("a seat map", () => {
  it("takes in what has changed, and what all is", () => {
    const map = mapOf(section("S", 3, 2));
    expect(map.take({ revision: 8, changes: { HELD: ["S-1-2"], SOLD: ["S-2-1", "X-9-9"] } })).toEqual([1, 3]);
    expect([...map.statuses]).toEqual([FREE, HELD, FREE, SOLD, FREE]);
    const rows = [
      { name: "1", seats: "AAS" },
      { name: "2", seats: "SB" },
    ];
    expect(map.take({ revision: 9, sections: [{ name: "S", rows }] })).toEqual([1, 2, 4]);
    expect(map.revision).toBe(9);
  });

  it("calls a seat as people do", () => {
    expect(mapOf(section("S", 3, 2)).said(4)).toBe("S, row 2, seat 2");
  });
});

describe("a layout", () => {
  const halls = {
    "one row": mapOf(section("S", 5)),
    "rows of different lengths": mapOf(section("S", 4, 9, 6)),
    "many sections": mapOf(...Array.from({ length: 11 }, (_, index) => section(`S${index}`, 20, 20, 20, 12))),
  };

  it.each(Object.entries(halls))("of %s has each seat in a place of its own, where it is found", (_name, map) => {
    for (const aspect of [0.5, 1.4, 3]) {
      const layout = layoutOf(map, aspect);
      const places = new Set<string>();
      for (const index of everySeat(map)) {
        const { x, y } = middleOf(map, layout, index);
        expect(x > 0 && x < layout.width && y > 0 && y < layout.height).toBe(true);
        expect(seatAt(map, layout, x, y)).toBe(index);
        places.add(`${x},${y}`);
      }
      expect(places.size).toBe(map.ids.length);
      expect(seatAt(map, layout, layout.width - 0.01, 0.01)).toBeNull();
    }
  });

  it("puts more sections beside each other the wider the screen is", () => {
    const map = halls["many sections"];
    const besideEachOther = (aspect: number) =>
      layoutOf(map, aspect).blocks.filter(({ y }, _, [first]) => y === first?.y).length;
    expect(besideEachOther(0.2)).toBeLessThan(besideEachOther(1.4));
    expect(besideEachOther(1.4)).toBeLessThan(besideEachOther(8));
  });

  it("has neighbours in all directions, and ends", () => {
    const map = halls["rows of different lengths"]; // 0-3, 4-12, 13-18
    const layout = layoutOf(map);
    const go = (from: number, ...ways: Parameters<typeof neighbourOf>[3][]) =>
      ways.reduce((at, way) => neighbourOf(map, layout, at, way), from);
    expect([go(0, "left"), go(0, "right"), go(3, "right"), go(0, "up")]).toEqual([0, 1, 3, 0]);
    expect([go(4, "up"), go(12, "up"), go(5, "down"), go(15, "down")]).toEqual([0, 3, 13, 15]);
    expect([go(6, "first"), go(6, "last")]).toEqual([4, 12]);
    const reached = new Set<number>();
    for (let at = 0; !reached.has(at); at = go(at, "right") === at ? go(at, "down", "first") : go(at, "right"))
      reached.add(at);
    expect(reached.size).toBe(map.ids.length);
  });
});

describe("a view", () => {
  const map = mapOf(...Array.from({ length: 6 }, (_, index) => section(`S${index}`, 40, 40, 40)));
  const layout = layoutOf(map);
  const screen = { width: 700, height: 500 };

  it("begins with all of it, and gets no smaller", () => {
    const view = fitted(layout, screen);
    expect(layout.width * view.scale).toBeLessThanOrEqual(screen.width + 0.001);
    expect(layout.height * view.scale).toBeLessThanOrEqual(screen.height + 0.001);
    expect(zoomed(view, 0.5, { x: 0, y: 0 }, layout, screen)).toEqual(view);
  });

  it("comes closer to what the pointer is at, which stays there", () => {
    const view = fitted(layout, screen);
    const at = { x: 300, y: 260 };
    const closer = zoomed(view, 3, at, layout, screen);
    expect(closer.scale).toBeCloseTo(3 * view.scale);
    expect(closer.x + at.x / closer.scale).toBeCloseTo(view.x + at.x / view.scale);
    expect(closer.y + at.y / closer.scale).toBeCloseTo(view.y + at.y / view.scale);
  });

  it("shows the seat that the keyboard goes to, wherever it is", () => {
    let view = fitted(layout, screen);
    for (const index of everySeat(map)) {
      const { x, y } = middleOf(map, layout, index);
      view = showing(view, { x, y }, layout, screen);
      const [left, top] = [(x - view.x) * view.scale, (y - view.y) * view.scale];
      expect(left >= 0 && left <= screen.width && top >= 0 && top <= screen.height).toBe(true);
    }
  });
});

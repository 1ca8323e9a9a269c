import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSeats, writeSeats } from "../../../src/domain/seating/notation.ts";
import { readSeatMap, type SeatMapWish } from "../../../src/domain/seating/reading-maps.ts";
import { ACCESSIBLE, COMPANION, planOf } from "../../../src/domain/seating/seating-plan.ts";

const isName = (name: string) => /^[A-Za-z0-9]+$/.test(name);

/** A map with one row of which this much is said. */
const rowWith = (row: Partial<SeatMapWish["sections"][number]["rows"][number]>): SeatMapWish => ({
  sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1-4", ...row }] }],
});

/** `path: message` of each issue. */
function issuesOf(wish: SeatMapWish): readonly string[] {
  const read = readSeatMap(wish);
  return "issues" in read ? read.issues.map(({ path, message }) => `${path.join("/")}: ${message}`) : [];
}

describe("short notation", () => {
  it("gives the list again, whatever the names", () => {
    const name = fc.oneof(fc.nat(40).map(String), fc.constantFrom("A", "B2", "01", "007", "0"));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 60 }), (names) => {
        expect(readSeats(writeSeats(names), 1_000, isName)).toEqual({ names });
      }),
    );
  });

  it("is short for what is numbered through", () => {
    expect(writeSeats(["1", "2", "3", "4", "6", "7", "A", "9"])).toBe("1-4,6,7,A,9");
    expect(writeSeats(["98", "99", "100", "101"])).toBe("98-101");
  });

  it("takes for numbers only what a range would name so", () => {
    for (const list of ["01,2,3", "7,08,09", "A1,2,3", "1234567890,1234567891,1234567892"]) {
      expect(writeSeats(list.split(","))).toBe(list);
    }
  });

  it("gives long numbers again, too: a range takes nine digits", () => {
    const names = ["999999998", "999999999", "1000000000", "1000000001"];
    expect(readSeats(writeSeats(names), 1_000, isName)).toEqual({ names });
  });

  it("is of so many names at most, however they are written", () => {
    expect(readSeats("A,B", 2, isName)).toEqual({ names: ["A", "B"] });
    for (const seats of ["A,B,C", "1-3", "A,1-2"]) {
      expect(readSeats(seats, 2, isName)).toEqual({ wrong: "takes 2 seats at most" });
    }
  });
});

describe("a seat map", () => {
  it("is kept with lists in short notation, counted, and numbered through in its order", () => {
    const read = readSeatMap({
      sections: [
        {
          name: "STALLS",
          price: { amount: 9000, currency: "EUR" },
          rows: [
            { name: "A", seats: ["1", "2", "3", "4"], quality: 3, accessible: ["1"], companions: "2", blocked: ["4"] },
            { name: "B", seats: "1-3" },
          ],
        },
        { name: "BOX", rows: [{ name: "A", seats: ["L", "R"] }] },
      ],
    });
    if ("issues" in read) throw new Error(JSON.stringify(read.issues));
    expect(read.map).toEqual({
      sections: [
        {
          name: "STALLS",
          price: { amount: 9000, currency: "EUR" },
          rows: [
            { name: "A", seats: "1-4", quality: 3, accessible: "1", companions: "2", blocked: "4" },
            { name: "B", seats: "1-3" },
          ],
        },
        { name: "BOX", rows: [{ name: "A", seats: "L,R" }] },
      ],
    });
    expect([read.seats, read.blocked]).toEqual([9, 1]);
    const plan = planOf(read.map);
    const ids = Array.from({ length: plan.size }, (_, seat) => plan.idOf(seat));
    expect(ids).toEqual([
      ...["STALLS-A-1", "STALLS-A-2", "STALLS-A-3", "STALLS-A-4", "STALLS-B-1", "STALLS-B-2", "STALLS-B-3"],
      ...["BOX-A-L", "BOX-A-R"],
    ]);
    expect(ids.map((id) => plan.seatOf(id))).toEqual(ids.map((_, seat) => seat));
    for (const id of ["STALLS-A-5", "STALLS-C-1", "A-1", "", "-", "STALLS-A-", "STALLS-A-01"]) {
      expect(plan.seatOf(id)).toBeUndefined();
    }
    expect([...plan.kinds.subarray(0, 3)]).toEqual([ACCESSIBLE, COMPANION, 0]);
    expect(plan.blocked).toEqual([3]);
    expect([plan.priceOf(0), plan.priceOf(8)]).toEqual([{ amount: 9000, currency: "EUR" }, null]);
  });

  it("may have 100,000 seats, in little room", () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({ name: `R${index}`, seats: "1-100" }));
    const sections = Array.from({ length: 10 }, (_, index) => ({ name: `S${index}`, rows }));
    const read = readSeatMap({ sections });
    if ("issues" in read) throw new Error(JSON.stringify(read.issues));
    expect(read.seats).toBe(100_000);
    expect(planOf(read.map).idOf(99_999)).toBe("S9-R99-100");
    expect(JSON.stringify(read.map).length).toBeLessThan(40_000);
    const more = ["1", "9-1"].map((seats, row) => ({ name: `${row}`, seats }));
    expect(issuesOf({ sections: [...sections, { name: "MORE", rows: more }] }), "it is not read on").toEqual([
      "sections: takes 100000 seats at most, all rows together",
    ]);
  });

  it("keeps one list of names for all rows that are numbered alike", () => {
    const rows = ["A", "B"].map((name) => ({ name, seats: "1-100" }));
    const [first, second] = planOf({ sections: [{ name: "S", rows }] }).rows;
    expect(first?.names).toBe(second?.names);
  });

  it("may weigh 800,000 bytes as it is recorded", () => {
    const longest = (count: number) => Array.from({ length: count }, (_, n) => `${n}`.padStart(32, "X"));
    const rows = Array.from({ length: 25 }, (_, row) => ({ name: `R${row}`, seats: longest(row < 24 ? 1_000 : 200) }));
    const withLast = (name: string) => ({ sections: [{ name: "S", rows: [...rows, { name, seats: longest(22) }] }] });
    const read = readSeatMap(withLast("Z"));
    expect("map" in read && JSON.stringify(read.map).length).toBe(800_000);
    expect(issuesOf(withLast("ZZ"))).toEqual([
      "sections: takes 800000 bytes at most; shorter names, or ranges of numbers, take less",
    ]);
    expect(issuesOf(withLast("-Z")), "what else is wrong with it comes first").toEqual([
      "sections/0/rows/25/name: takes 1 to 32 letters and digits",
    ]);
  });

  it("may have 1,000 seats in a row", () => {
    const seats = Array.from({ length: 1_001 }, (_, n) => `A${n}`);
    expect(issuesOf(rowWith({ seats: seats.slice(1) }))).toEqual([]);
    expect(issuesOf(rowWith({ seats }))).toEqual(["sections/0/rows/0/seats: takes 1000 seats at most"]);
    expect(issuesOf(rowWith({ seats: "1-1000" }))).toEqual([]);
    expect(issuesOf(rowWith({ seats: "A,1-1000" }))).toEqual(["sections/0/rows/0/seats: takes 1000 seats at most"]);
    expect(issuesOf(rowWith({ seats: "1-1000,A" }))).toEqual(["sections/0/rows/0/seats: takes 1000 seats at most"]);
  });

  it("has rows of a quality from 0, which is what is meant where none is told, to 1,000", () => {
    for (const [quality, recorded] of [
      [0, {}],
      [1, { quality: 1 }],
      [1_000, { quality: 1_000 }],
    ] as const) {
      const map = { sections: [{ name: "STALLS", rows: [{ name: "A", seats: "1-4", ...recorded }] }] };
      expect(readSeatMap(rowWith({ quality }))).toEqual({ map, seats: 4, blocked: 0 });
    }
    for (const quality of [-1, 1_001, 1.5, Number.NaN]) {
      expect(issuesOf(rowWith({ quality }))).toEqual([
        "sections/0/rows/0/quality: takes a whole number from 0 to 1000",
      ]);
    }
  });

  it("may be of as many rows as that has room for", () => {
    const rows = Array.from({ length: 32_000 }, (_, index) => ({ name: index.toString(36), seats: "1" }));
    const plan = planOf({ sections: [{ name: "S", rows }] });
    expect([plan.idOf(0), plan.idOf(31_999)]).toEqual(["S-0-1", "S-oov-1"]);
    expect([plan.bestFirst[0], plan.bestFirst[31_999]]).toEqual([0, 31_999]);
  });

  it("is not taken from a record that cannot be read", () => {
    const map = { sections: [{ name: "S", rows: [{ name: "A", seats: "9-1" }] }] };
    expect(() => planOf(map)).toThrow("a row of a seat map on record takes ranges from the lower number");
  });

  it.each<[string, SeatMapWish, readonly string[]]>([
    ["no sections", { sections: [] }, ["sections: takes one section at least"]],
    ["an empty section", { sections: [{ name: "S", rows: [] }] }, ["sections/0/rows: takes one row at least"]],
    ["an empty row", rowWith({ seats: [] }), ["sections/0/rows/0/seats: takes one seat at least"]],
    [
      "two sections of one name",
      { sections: [...rowWith({}).sections, ...rowWith({}).sections] },
      ["sections/1/name: is the name of another section too"],
    ],
    [
      "two rows of one name",
      {
        sections: [
          {
            name: "S",
            rows: [
              { name: "A", seats: "1" },
              { name: "A", seats: "2" },
            ],
          },
        ],
      },
      ["sections/0/rows/1/name: is the name of another row of this section too"],
    ],
    ["a name twice", rowWith({ seats: ["1", "2", "1"] }), ["sections/0/rows/0/seats/2: names 1 twice"]],
    ["a name twice in notation", rowWith({ seats: "1-3,2" }), ["sections/0/rows/0/seats: names 2 twice"]],
    [
      "a name with a hyphen",
      rowWith({ seats: ["A-1"] }),
      ["sections/0/rows/0/seats/0: takes 1 to 32 letters and digits"],
    ],
    [
      "a section's name with a space",
      { sections: [{ name: "THE STALLS", rows: [{ name: "A", seats: "1" }] }] },
      ["sections/0/name: takes 1 to 32 letters and digits"],
    ],
    [
      "a range the wrong way round",
      rowWith({ seats: "9-1" }),
      ["sections/0/rows/0/seats: takes ranges from the lower number to the higher one; not 9-1"],
    ],
    [
      "no notation",
      rowWith({ seats: "1-A" }),
      ['sections/0/rows/0/seats: takes names and ranges like 1-20, by commas; not "1-A"'],
    ],
    [
      "accessible seats in no notation",
      rowWith({ accessible: "3-1" }),
      ["sections/0/rows/0/accessible: takes ranges from the lower number to the higher one; not 3-1"],
    ],
    ...["A1-3", "1-3A", "01-3", "1-03", "-", ""].map((seats): [string, SeatMapWish, readonly string[]] => [
      `"${seats}" for seats`,
      rowWith({ seats }),
      [`sections/0/rows/0/seats: takes names and ranges like 1-20, by commas; not "${seats}"`],
    ]),
    ["a row without end", rowWith({ seats: "1-999999999" }), ["sections/0/rows/0/seats: takes 1000 seats at most"]],
    [
      "unknown accessible seats",
      rowWith({ accessible: ["1", "5"] }),
      ["sections/0/rows/0/accessible/1: 5 is no seat of this row"],
    ],
    ["unknown blocked seats", rowWith({ blocked: ["9"] }), ["sections/0/rows/0/blocked/0: 9 is no seat of this row"]],
    ["unknown companions", rowWith({ companions: "4-5" }), ["sections/0/rows/0/companions: 5 is no seat of this row"]],
    [
      "what is both",
      rowWith({ accessible: ["1"], companions: ["1"] }),
      ["sections/0/rows/0/companions: 1 is among the accessible ones too"],
    ],
    [
      "nothing but blocked seats",
      rowWith({ blocked: "1-4" }),
      ["sections: takes one seat at least that is not blocked"],
    ],
  ])("refuses %s, and says where", (_, wish, issues) => {
    expect(issuesOf(wish)).toEqual(issues);
  });

  it("tells of twenty things that are wrong, not of all", () => {
    const rows = Array.from({ length: 50 }, () => ({ name: "-", seats: "1" }));
    expect(issuesOf({ sections: [{ name: "S", rows }] })).toHaveLength(20);
  });
});

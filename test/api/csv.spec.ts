import { describe, expect, it } from "vitest";
import { type Cell, csvReply, prefersCsv, varyByAccept } from "../../src/api/conventions/csv.ts";

const text = async (rows: AsyncIterable<readonly Cell[]>, method = "GET") => {
  const headers = new Map<string, string>();
  const reply = { header: (name: string, value: string) => headers.set(name, value), getHeader: () => undefined };
  const stream = await csvReply({ method }, reply, { fileName: "table.csv", columns: ["name", "amount"], rows });
  return { headers, stream, read: async () => (await stream.toArray()).join("") };
};

async function* rowsOf(...rows: readonly (readonly Cell[])[]) {
  yield* rows;
}

describe("a table as CSV", () => {
  it("has a header line, CRLF, and quotes where they are needed", async () => {
    const { headers, read } = await text(
      rowsOf(["Ada", 1], ['a "b", c', 2], ["two\r\nlines", 3], [" Zoë ", null], ["", -4]),
    );
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(headers.get("content-disposition")).toBe('attachment; filename="table.csv"');
    expect(await read()).toBe('name,amount\r\nAda,1\r\n"a ""b"", c",2\r\n"two\r\nlines",3\r\n Zoë ,\r\n,-4\r\n');
  });

  it("has no cell that a spreadsheet would run", async () => {
    const cells = ["=1+1", "+49 30", "-x", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")'];
    const { read } = await text(rowsOf(...cells.map((cell) => [cell, 0])));
    const lines = (await read()).split("\r\n").slice(1, -1);
    expect(lines).toHaveLength(cells.length);
    for (const line of lines) expect(line).toMatch(/^"?'/);
  });

  it("of nothing is its header line", async () => {
    expect(await (await text(rowsOf())).read()).toBe("name,amount\r\n");
  });

  it("is read no further ahead than somebody reads it", async () => {
    let made = 0;
    const endless = async function* () {
      for (;;) {
        made += 1;
        yield ["row", made];
      }
    };
    const { stream } = await text(endless());
    const reader = stream.iterator();
    for (let pieces = 0; pieces < 5; pieces += 1) await reader.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThan(250 * 10);
    const before = made;
    await reader.return?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made - before).toBeLessThanOrEqual(250);
  });

  it("that fails at once fails before anything is sent; one that fails later ends with the error", async () => {
    const failing = async function* (after: number) {
      for (let n = 0; n < after; n += 1) yield ["row", n];
      throw new Error("no more");
    };
    await expect(text(failing(10))).rejects.toThrow("no more");
    const { read } = await text(failing(1_000));
    await expect(read()).rejects.toThrow("no more");
  });

  it("is not made for HEAD beyond its beginning", async () => {
    let made = 0;
    const endless = async function* () {
      for (;;) {
        made += 1;
        yield ["row", made];
      }
    };
    const { read } = await text(endless(), "HEAD");
    expect(await read()).toBe("");
    expect(made).toBeLessThan(1_000);
  });
});

describe("Accept", () => {
  it.each([
    ["text/csv", true],
    ["text/csv; charset=utf-8", true],
    ["text/*", true],
    ["application/json;q=0.5, text/csv", true],
    ["application/json, text/csv;q=0.9", false],
    ["*/*", false],
    ["application/json", false],
    ["image/png", false],
    [undefined, false],
  ])("%s", (accept, csv) => {
    expect(prefersCsv({ headers: accept === undefined ? {} : { accept } })).toBe(csv);
  });

  it("is what caches tell answers apart by, beside what they do already", () => {
    const said = (known: string | undefined) => {
      const headers = new Map<string, string>();
      varyByAccept({ header: (name, value) => headers.set(name, value), getHeader: () => known });
      return headers.get("vary");
    };
    expect([said(undefined), said("Origin")]).toEqual(["Accept", "Origin, Accept"]);
  });
});

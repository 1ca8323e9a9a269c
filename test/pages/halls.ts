/** Halls for the specs of pages, as organizers describe them. */

const euros = (amount: number) => ({ amount: amount * 100, currency: "EUR" });
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** An opera house with 388 seats at three prices, accessible ones in the last row of the stalls, and a blocked pillar. */
export const OPERA = {
  sections: [
    {
      name: "STALLS",
      price: euros(90),
      rows: Array.from({ length: 9 }, (_, index) => ({
        name: LETTERS[index] ?? "",
        seats: `1-${18 + index}`,
        quality: 20 - index,
        ...(index === 8 && { accessible: ["1", "2", "25", "26"], companions: ["3", "24"] }),
      })),
    },
    { name: "CIRCLE", price: euros(60), rows: ["A", "B", "C", "D"].map((name) => ({ name, seats: "1-26" })) },
    {
      name: "BALCONY",
      rows: ["A", "B", "C"].map((name) => ({ name, seats: "1-28", ...(name === "B" && { blocked: ["14", "15"] }) })),
    },
  ],
};

/** An arena: so many blocks of 25 rows of 100 seats. */
export const arenaOf = (blocks: number) => ({
  sections: Array.from({ length: blocks }, (_, block) => ({
    name: `BLOCK${block + 1}`,
    price: euros(block < blocks / 3 ? 120 : block < (2 * blocks) / 3 ? 80 : 50),
    rows: Array.from({ length: 25 }, (_row, row) => ({ name: String(row + 1), seats: "1-100", quality: 500 - row })),
  })),
});

export const euro = euros;

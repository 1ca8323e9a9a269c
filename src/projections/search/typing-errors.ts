/** Short words are too close to each other for any error. */
const SHORTEST_WITH_ONE = 4;
const SHORTEST_WITH_TWO = 8;

/** How many typing errors a word of so many letters may have. */
export const errorsAllowed = (length: number): number =>
  length >= SHORTEST_WITH_TWO ? 2 : length >= SHORTEST_WITH_ONE ? 1 : 0;

/**
 * How many typing errors lead from one word to the other: a letter too many, too few or wrong, or two neighbours
 * swapped (optimal string alignment).
 */
export const typingErrors = (typed: string, meant: string): number => lastRow(typed, meant).at(-1) ?? 0;

/** The same to the beginning of the other word that is closest: the rest of it is still to be typed. */
export const typingErrorsSoFar = (typed: string, meant: string): number => Math.min(...lastRow(typed, meant));

/** Distances from the whole of `typed` to each beginning of `meant`, the empty one first. */
function lastRow(typed: string, meant: string): readonly number[] {
  const from = [...typed];
  const to = [...meant];
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of from.entries()) {
    const next = [row + 1];
    for (const [column, other] of to.entries()) {
      let least = Math.min(
        (last[column + 1] ?? 0) + 1,
        (next[column] ?? 0) + 1,
        (last[column] ?? 0) + Number(letter !== other),
      );
      if (row > 0 && column > 0 && letter === to[column - 1] && from[row - 1] === other) {
        least = Math.min(least, (before[column - 1] ?? 0) + 1);
      }
      next.push(least);
    }
    before = last;
    last = next;
  }
  return last;
}

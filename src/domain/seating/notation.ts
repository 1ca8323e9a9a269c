/**
 * Short notation for lists of seats: names and ranges of whole numbers, by commas, e.g. `1-20` or `1-9,11,A,B`. Names are
 * letters and digits, so that commas and hyphens are free.
 */

const RANGE = /^(0|[1-9]\d{0,8})-(0|[1-9]\d{0,8})$/;
const WHOLE = /^(0|[1-9]\d{0,8})$/;

/** Parts that are neither a name nor an ascending range, and lists beyond `max`, are told as what is wrong. */
export type Read = { readonly names: readonly string[] } | { readonly wrong: string };

/** @param isName what a name looks like */
export function readSeats(text: string, max: number, isName: (name: string) => boolean): Read {
  const names: string[] = [];
  for (const part of text.split(",")) {
    const range = RANGE.exec(part);
    if (range === null) {
      if (!isName(part)) return { wrong: `takes names and ranges like 1-20, by commas; not ${JSON.stringify(part)}` };
      names.push(part);
    } else {
      const [first, last] = [Number(range[1]), Number(range[2])];
      if (last < first) return { wrong: `takes ranges from the lower number to the higher one; not ${part}` };
      if (names.length + last - first >= max) return { wrong: `takes ${max} seats at most` };
      for (let number = first; number <= last; number += 1) names.push(String(number));
    }
    if (names.length > max) return { wrong: `takes ${max} seats at most` };
  }
  return { names };
}

/** The same list in as few characters as that goes. Names are taken for names, never for ranges. */
export function writeSeats(names: readonly string[]): string {
  const parts: string[] = [];
  for (let from = 0; from < names.length; ) {
    let to = from;
    while (isNext(names[to] as string, names[to + 1])) to += 1;
    if (to - from >= 2) parts.push(`${names[from]}-${names[to]}`);
    else for (let index = from; index <= to; index += 1) parts.push(names[index] as string);
    from = to + 1;
  }
  return parts.join(",");
}

/** Whether a range would go on with it: both are numbers that it may have, the one after the other. */
const isNext = (name: string, next: string | undefined): boolean =>
  next !== undefined && WHOLE.test(name) && WHOLE.test(next) && Number(next) === Number(name) + 1;

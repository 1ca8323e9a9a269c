import { LRUCache } from "lru-cache";
import type { Money } from "../domain/money.ts";

/** Making a style takes 30 to 100 µs, as long as the rest of a mail. They are values like any other, only dear ones. */
const KEPT_STYLES = 100;
const moneyStyles = new LRUCache<string, Intl.NumberFormat>({
  max: KEPT_STYLES,
  memoMethod: (currency) => new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "code" }),
});
const timeStyles = new LRUCache<string, Intl.DateTimeFormat>({
  max: KEPT_STYLES,
  memoMethod: (timeZone) => new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone }),
});

/** Lines of mails are no longer than this, where words allow: what every mail client shows without breaking. */
export const LINE_LENGTH = 76;
const SUBJECT_NAME_LENGTH = 80;

/** What organizers write, on one line: without line breaks and other control characters, which could add headers. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();

/** For subjects: one line, and cut where it is long. */
export function inSubject(name: string): string {
  const letters = [...oneLine(name)];
  return letters.length <= SUBJECT_NAME_LENGTH
    ? letters.join("")
    : `${letters.slice(0, SUBJECT_NAME_LENGTH).join("")}...`;
}

/** Breaks a paragraph between words; `indent` stands before each line. */
export function wrapped(paragraph: string, indent = ""): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of oneLine(paragraph).split(" ")) {
    const longer = line === indent ? `${indent}${word}` : `${line} ${word}`;
    if (longer.length > LINE_LENGTH && line !== indent) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

/** E.g. `EUR 45.00`: the currency's own number of decimals, after its code. */
export function moneyText({ amount, currency }: Money): string {
  const style = moneyStyles.memo(currency);
  const decimals = style.resolvedOptions().maximumFractionDigits ?? 2;
  return oneLine(style.format(amount / 10 ** decimals));
}

/** E.g. `Sunday 1 March 2026 at 21:00 (Europe/Berlin)`. */
export function timeText(time: string, timeZone: string | null): string {
  const zone = timeZone ?? "UTC";
  // By its parts, because what stands between them differs from one version of Node to the next.
  const parts = new Map(
    timeStyles
      .memo(zone)
      .formatToParts(new Date(time))
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
  const day = `${part("weekday")} ${part("day")} ${part("month")} ${part("year")}`;
  return `${day} at ${part("hour")}:${part("minute")} (${zone})`;
}

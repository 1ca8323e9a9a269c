/**
 * How pages say amounts and times, in the reader's language.
 *
 * @typedef {{ amount: number, currency: string }} Money in minor units
 */

/**
 * @param {Money} money
 * @param {string} [language]
 */
export function saidMoney({ amount, currency }, language) {
  if (amount === 0) return "free";
  const format = new Intl.NumberFormat(language, { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/**
 * What tickets of a type cost: from the cheapest to the dearest, where its seats differ.
 *
 * @param {{ price: Money, minPrice?: Money, maxPrice?: Money }} ticketType
 * @param {string} [language]
 */
export function saidPrices({ price, minPrice = price, maxPrice = price }, language) {
  const least = saidMoney(minPrice, language);
  return minPrice.amount === maxPrice.amount ? least : `${least} to ${saidMoney(maxPrice, language)}`;
}

/**
 * @param {string} time RFC 3339
 * @param {string | null} [timeZone] where it takes place; the reader's own without it
 * @param {string} [language]
 */
export const saidTime = (time, timeZone, language) =>
  new Intl.DateTimeFormat(language, {
    dateStyle: "full",
    timeStyle: "short",
    ...(timeZone != null && { timeZone }),
  }).format(new Date(time));

/** @param {number} seconds @returns {string} e.g. `9:59`, `1:02:03` */
export function saidCountdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(left / 3_600), Math.floor(left / 60) % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

/** Roughly, for waits that nobody knows better. @param {number} seconds */
export function saidWait(seconds) {
  if (seconds < 60) return "less than a minute";
  if (seconds < 5_400) return seconds < 90 ? "about a minute" : `about ${Math.round(seconds / 60)} minutes`;
  return `about ${Math.round(seconds / 3_600)} hours`;
}

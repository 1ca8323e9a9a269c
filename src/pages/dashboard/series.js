/**
 * From what the API answers to what charts draw. No browser is needed for it.
 *
 * @typedef {{ amount: number, currency: string }} Money in minor units
 * @typedef {object} Bucket
 * @property {string} from RFC 3339
 * @property {string} to
 * @property {number} tickets
 * @property {number} cancelledTickets
 * @property {Money} gross
 * @property {Money} refunds
 * @property {Money} net
 */

/** Between two buckets that are further apart, nothing is drawn but the ends of the gap. */
const MOST_FILLED = 2_000;

/**
 * Buckets in order without gaps: those in which nothing happened are left out by the API, and are zero here.
 * @param {readonly Bucket[]} buckets of one currency
 * @returns {readonly Bucket[]}
 */
export function filled(buckets) {
  /** @type {Bucket[]} */
  const whole = [];
  for (const bucket of buckets) {
    for (
      let last = whole.at(-1);
      last !== undefined && Date.parse(last.to) < Date.parse(bucket.from);
      last = whole.at(-1)
    ) {
      if (whole.length > MOST_FILLED) break;
      const lengthMs = Date.parse(last.to) - Date.parse(last.from);
      // Where clocks are changed a day is an hour longer or shorter; the next real bucket is met all the same.
      const endMs = Date.parse(last.to) + lengthMs;
      const isClose = Math.abs(endMs - Date.parse(bucket.from)) <= 2 * 3_600_000 && lengthMs > 2 * 3_600_000;
      whole.push(emptyFrom(last, isClose ? bucket.from : new Date(endMs).toISOString()));
    }
    whole.push(bucket);
  }
  return whole;
}

/** @param {Bucket} last @param {string} to @returns {Bucket} */
function emptyFrom({ to: from, gross }, to) {
  const nothing = { amount: 0, currency: gross.currency };
  return { from, to, tickets: 0, cancelledTickets: 0, gross: nothing, refunds: nothing, net: nothing };
}

/**
 * The currency with the most sales, and its buckets: amounts of several can't stand in one chart.
 * @param {readonly Bucket[]} buckets
 * @returns {{ currency: string | null, others: readonly string[], buckets: readonly Bucket[] }}
 */
export function mainCurrency(buckets) {
  /** @type {Map<string, number>} */
  const sold = new Map();
  for (const { gross, tickets } of buckets) sold.set(gross.currency, (sold.get(gross.currency) ?? 0) + tickets);
  const [currency = null, ...others] = [...sold].sort(([, a], [, b]) => b - a).map(([name]) => name);
  return { currency, others, buckets: filled(buckets.filter(({ gross }) => gross.currency === currency)) };
}

/**
 * Buckets without gaps, with the tickets of all currencies: these can be added up, other than amounts.
 * @param {readonly Bucket[]} buckets in order
 * @returns {readonly Bucket[]}
 */
export function together(buckets) {
  /** @type {Bucket[]} */
  const whole = [];
  for (const bucket of buckets) {
    const last = whole.at(-1);
    if (last?.from !== bucket.from) whole.push({ ...bucket });
    else {
      last.tickets += bucket.tickets;
      last.cancelledTickets += bucket.cancelledTickets;
    }
  }
  return filled(whole);
}

/**
 * From when to when an axis goes, so that the first and the last bar are whole, even if there is but one.
 * @param {readonly number[]} times of bars, in seconds
 * @param {number} length of a bucket, in seconds
 * @returns {[from: number, to: number]}
 */
export function axisOf(times, length) {
  const [first = 0, last = first] = [times[0], times.at(-1)];
  const margin = Math.max((last - first) * 0.02, length * 0.6);
  return [first - margin, last + margin];
}

/** Each with all before it. @param {readonly number[]} numbers */
export function soFar(numbers) {
  let sum = 0;
  return numbers.map((one) => {
    sum += one;
    return sum;
  });
}

/**
 * Sums of items that are told by ticket type or event.
 * @template {string} Name
 * @param {readonly Readonly<Record<Name, number>>[]} items
 * @param {readonly Name[]} names
 * @returns {Record<Name, number>}
 */
export const summed = (items, names) =>
  /** @type {Record<Name, number>} */ (
    Object.fromEntries(names.map((name) => [name, items.reduce((sum, item) => sum + item[name], 0)]))
  );

/** Units of a currency of its minor ones, e.g. euros of cents. @param {Money} money */
export function units({ amount, currency }) {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return amount / 10 ** (maximumFractionDigits ?? 2);
}

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** A class of the page's style: its colour. */
  readonly colour: "a" | "b" | "c" | "d";
  /** Ascending in x; where y is null the line has a gap. */
  readonly points: readonly (readonly [x: number, y: number | null])[];
  readonly filled?: boolean;
}

export interface Chart {
  readonly title: string;
  /** What y counts. */
  readonly unit: string;
  readonly series: readonly Series[];
  /** Y by powers of ten, for times that differ by hundreds. */
  readonly isLog?: boolean;
  /** From where to where x goes, in seconds. */
  readonly from: number;
  readonly to: number;
}

const WIDTH = 640;
const HEIGHT = 230;
const LEFT = 62;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 30;
const X_TICKS = 6;
const Y_TICKS = 4;
const LEAST_LOG = 0.1;

/** An SVG of lines over seconds, with a legend; the opening, at 0, is marked. */
export function chartOf({ title, unit, series, isLog = false, from, to }: Chart): string {
  const most = Math.max(isLog ? 1 : 4, ...series.flatMap(({ points }) => points.map(([, y]) => y ?? 0)));
  const steps = isLog ? powersUpTo(most) : stepsUpTo(most, Y_TICKS);
  const top = steps.at(-1) as number;
  const x = (seconds: number) => LEFT + ((seconds - from) / Math.max(1, to - from)) * (WIDTH - LEFT - RIGHT);
  const share = (y: number) =>
    isLog ? Math.log(Math.max(LEAST_LOG, y) / LEAST_LOG) / Math.log(top / LEAST_LOG) : y / top;
  const y = (value: number) => HEIGHT - BOTTOM - share(value) * (HEIGHT - TOP - BOTTOM);
  const across = steps.map(
    (step) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(step))}" y2="${px(y(step))}"/>` +
      `<text x="${LEFT - 6}" y="${px(y(step) + 4)}" text-anchor="end">${short(step)}</text>`,
  );
  const along = stepsBetween(from, to, X_TICKS).map(
    (step) => `<text x="${px(x(step))}" y="${HEIGHT - 8}" text-anchor="middle">${step} s</text>`,
  );
  const opening =
    from < 0 ? `<line class="opening" x1="${px(x(0))}" x2="${px(x(0))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>` : "";
  const lines = series.map((one) => lineOf(one, x, y, HEIGHT - BOTTOM));
  const legend = series.map(({ name, colour }) => `<span class="${colour}"><i></i>${escaped(name)}</span>`);
  return (
    `<figure><figcaption><b>${escaped(title)}</b> <small>${escaped(unit)}</small></figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">${across.join("")}${along.join("")}` +
    `${opening}${lines.join("")}</svg><p class="legend">${legend.join("")}</p></figure>`
  );
}

function lineOf({ colour, points, filled = false }: Series, x: Place, y: Place, floor: number): string {
  const runs: [number, number][][] = [[]];
  for (const [at, value] of points) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([x(at), y(value)]);
  }
  return runs
    .filter((run) => run.length > 0)
    .map((run) => {
      const path = run.map(([a, b]) => `${px(a)} ${px(b)}`).join("L");
      const [first, last] = [run[0] as [number, number], run.at(-1) as [number, number]];
      const area = `<path class="area ${colour}" d="M${px(first[0])} ${px(floor)}L${path}L${px(last[0])} ${px(floor)}Z"/>`;
      // A single point would be no line.
      const drawn = run.length === 1 ? `${path}L${px(first[0] + 1)} ${px(first[1])}` : path;
      return `${filled ? area : ""}<path class="line ${colour}" d="M${drawn}"/>`;
    })
    .join("");
}

type Place = (value: number) => number;

/** Round numbers from 0 to at least `most`. */
function stepsUpTo(most: number, about: number): readonly number[] {
  const step = roundStep(most / about);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, n) => n * step);
}

function stepsBetween(from: number, to: number, about: number): readonly number[] {
  const step = roundStep((to - from) / about);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, n) => (first + n) * step);
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return ([1, 2, 5, 10].find((times) => times * power >= least) ?? 10) * power;
}

function powersUpTo(most: number): readonly number[] {
  const powers = [1];
  while ((powers.at(-1) as number) < most) powers.push((powers.at(-1) as number) * 10);
  return powers.length === 1 ? [1, 10] : powers;
}

const px = (place: number): string => place.toFixed(1);
const short = (value: number): string => (value >= 10_000 ? `${value / 1_000}k` : value.toLocaleString("en"));

/** Text as HTML shows it. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Charts over time, on a canvas: for eyes. What they show stands in a table beside them, for everybody. */

import { element } from "../shared/elements.js";
import uPlot from "../vendor/uPlot.js";
import { axisOf } from "./series.js";

const HEIGHT = 240;
const AXIS_SIZE = 64;
const [HOUR, DAY] = [3_600, 86_400];
/** From mark to mark on an axis of time, in seconds: whole hours, days, months and years. */
const STEPS = [
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 4, 5, 6, 7, 10, 15].map((days) => days * DAY),
  ...[1, 2, 3, 4, 6].map((months) => months * 30 * DAY),
  ...[1, 2, 5, 10].map((years) => years * 365 * DAY),
];
/** Room for a mark's words, in pixels. */
const MARK_SPACE = 84;

/** @param {string} name of a custom property */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * As the page's styles have it: `light-dark()` is resolved by a property that takes a colour.
 * @param {string} name
 */
function resolved(name) {
  const probe = element("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const said = getComputedStyle(probe).color;
  probe.remove();
  return said || colour(name);
}

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} colour a custom property, e.g. `--tickets`
 * @property {readonly number[]} values
 * @property {boolean} [bars]
 * @property {"right"} [side] its axis, where it is of another size than the others
 *
 * @param {object} chart
 * @param {string} chart.label what it shows, for those who don't see it
 * @param {string} chart.timeZone
 * @param {readonly number[]} chart.times in seconds
 * @param {number} chart.length of what a bar stands for, in seconds
 * @param {readonly Line[]} chart.lines
 * @param {(value: number) => string} chart.said
 * @param {Intl.DateTimeFormat} chart.saidTime of a place on the axis of time
 * @returns {{ figure: HTMLElement, draw(): void }} `draw` once it is in the page
 */
export function timeChart({ label, timeZone, times, length, lines, said, saidTime }) {
  const figure = element("div", { className: "chart", role: "img", ariaLabel: label });
  const text = resolved("--quiet");
  const line = resolved("--line");
  const hasRight = lines.some(({ side }) => side === "right");
  const axis = { stroke: text, grid: { stroke: line, width: 0.5 }, ticks: { stroke: line, width: 0.5 } };
  /** @param {object} more */
  const amounts = (more) => ({
    ...axis,
    size: AXIS_SIZE,
    /** @param {unknown} _ @param {number[]} values */
    values: (_, values) => values.map(said),
    ...more,
  });
  const bars = uPlot.paths.bars?.({ size: [0.7, 60] });
  return {
    figure,
    draw() {
      const plot = new uPlot(
        {
          width: figure.clientWidth,
          height: HEIGHT - 36,
          tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), timeZone),
          cursor: { drag: { x: false, y: false } },
          scales: {
            x: { range: () => axisOf(times, length) },
            y: { range: fromZero },
            ...(hasRight && { right: { range: fromZero } }),
          },
          axes: [
            {
              ...axis,
              incrs: STEPS.filter((step) => step >= length),
              space: MARK_SPACE,
              /** @param {unknown} _ @param {number[]} values */
              values: (_, values) => values.map((seconds) => saidTime.format(new Date(seconds * 1_000))),
            },
            amounts({}),
            ...(hasRight ? [amounts({ scale: "right", side: 1, grid: { show: false } })] : []),
          ],
          series: [
            {
              label: "From",
              /** @param {unknown} _ @param {number | null} value */
              value: (_, value) => (value === null ? "" : saidTime.format(new Date(value * 1_000))),
            },
            ...lines.map((one) => ({
              label: one.label,
              stroke: resolved(one.colour),
              width: one.bars ? 0 : 2,
              scale: one.side ?? "y",
              points: { show: times.length < 3 && !one.bars },
              ...(one.bars && bars && { paths: bars, fill: resolved(one.colour) }),
              /** @param {unknown} _ @param {number | null} value */
              value: (_, value) => (value === null ? "" : said(value)),
            })),
          ],
        },
        [[...times], ...lines.map(({ values }) => [...values])],
        figure,
      );
      new ResizeObserver(() => plot.setSize({ width: figure.clientWidth, height: HEIGHT - 36 })).observe(figure);
    },
  };
}

/** @type {(plot: uPlot, least: number, most: number) => [number, number]} */
const fromZero = (_, least, most) => [Math.min(0, least ?? 0), Math.max(1, (most ?? 0) * 1.08)];

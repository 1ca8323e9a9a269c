/**
 * Which part of a map is seen, and how large.
 *
 * @import { Layout } from "./map-layout.js"
 *
 * @typedef {object} View
 * @property {number} scale pixels from seat to seat
 * @property {number} x what is seen at the left edge, in seats
 * @property {number} y
 */

/** Of a seat that can be hit with a finger. */
export const HANDY = 18;
const LARGEST = 44;

/** @param {Layout} layout @param {{ width: number, height: number }} screen in pixels */
export const scaleToFit = ({ width, height }, screen) =>
  Math.min(screen.width / width, screen.height / height, LARGEST);

/**
 * All of it.
 * @param {Layout} layout
 * @param {{ width: number, height: number }} screen
 * @returns {View}
 */
export function fitted(layout, screen) {
  return inBounds({ scale: scaleToFit(layout, screen), x: 0, y: 0 }, layout, screen);
}

/**
 * Larger or smaller, with what is at a place of the screen staying there.
 * @param {View} view
 * @param {number} factor
 * @param {{ x: number, y: number }} at in pixels
 * @param {Layout} layout
 * @param {{ width: number, height: number }} screen
 * @returns {View}
 */
export function zoomed(view, factor, at, layout, screen) {
  const least = scaleToFit(layout, screen);
  const scale = Math.min(Math.max(view.scale * factor, least), Math.max(LARGEST, least));
  const [x, y] = [view.x + at.x / view.scale - at.x / scale, view.y + at.y / view.scale - at.y / scale];
  return inBounds({ scale, x, y }, layout, screen);
}

/**
 * Moved so far that a place is seen, with some room around it.
 * @param {View} view
 * @param {{ x: number, y: number }} place in seats
 * @param {Layout} layout
 * @param {{ width: number, height: number }} screen
 * @returns {View}
 */
export function showing(view, place, layout, screen) {
  const scale = Math.max(view.scale, Math.min(HANDY, LARGEST));
  const [width, height] = [screen.width / scale, screen.height / scale];
  const grown = scale === view.scale ? view : { scale, x: place.x - width / 2, y: place.y - height / 2 };
  const within = (/** @type {number} */ from, /** @type {number} */ at, /** @type {number} */ size) =>
    Math.min(Math.max(from, at + 1.5 - size), at - 1.5);
  return inBounds({ scale, x: within(grown.x, place.x, width), y: within(grown.y, place.y, height) }, layout, screen);
}

/**
 * What is smaller than the screen stands in its middle; what is larger fills it.
 * @param {View} view
 * @param {Layout} layout
 * @param {{ width: number, height: number }} screen
 * @returns {View}
 */
export function inBounds({ scale, x, y }, layout, screen) {
  const along = (/** @type {number} */ from, /** @type {number} */ size, /** @type {number} */ seen) =>
    size <= seen ? (size - seen) / 2 : Math.min(Math.max(from, 0), size - seen);
  return { scale, x: along(x, layout.width, screen.width / scale), y: along(y, layout.height, screen.height / scale) };
}

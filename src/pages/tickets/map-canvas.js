/**
 * A seat map that is looked at, moved about in, and picked from: by pointer, by finger and by keyboard.
 *
 * @import { SeatMap } from "./seat-map.js"
 */
import { drawMap, paletteOf } from "./map-drawing.js";
import { layoutOf, middleOf, neighbourOf, seatAt } from "./map-layout.js";
import { fitted, HANDY, inBounds, showing, zoomed } from "./map-view.js";
import { FREE } from "./seat-map.js";

/** A pointer that moves further while it is down drags the map. */
const DRAG_PX = 5;
const ZOOM_STEP = 1.5;

/** @type {Readonly<Record<string, "left" | "right" | "up" | "down" | "first" | "last">>} */
const ARROWS = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

/**
 * @param {object} options
 * @param {HTMLCanvasElement} options.canvas its size is that of its place on the page
 * @param {HTMLElement} options.keyboard what has the focus while it is used by keyboard
 * @param {SeatMap} options.map
 * @param {ReadonlySet<number>} options.chosen
 * @param {ReadonlySet<number>} options.mine
 * @param {(seat: number) => void} options.onPick
 * @param {(seat: number | null, by: "pointer" | "keyboard") => void} options.onAt which seat the reader is at
 * @param {AbortSignal} options.signal ends it
 */
export function createMapCanvas({ canvas, keyboard, map, chosen, mine, onPick, onAt, signal }) {
  const found = canvas.getContext("2d");
  if (found === null) throw new Error("this browser has no canvas");
  const context = found;
  const prices = [...new Set(map.sections.map(({ price }) => price.amount))].sort((a, b) => b - a);
  let screen = sizeOf();
  let layout = layoutOf(map, screen.width / screen.height);
  let view = fitted(layout, screen);
  /** @type {number | null} */
  let cursor = null;
  let isDue = false;

  function sizeOf() {
    const { width, height } = canvas.getBoundingClientRect();
    return { width: Math.max(width, 1), height: Math.max(height, 1) };
  }

  /** At most once a frame, however much has changed. */
  function draw() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      if (signal.aborted) return;
      const ratio = window.devicePixelRatio;
      const [width, height] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const isFocused = document.activeElement === keyboard;
      drawMap(
        context,
        { map, layout, view, chosen, mine, prices, cursor: isFocused ? cursor : null },
        paletteOf(canvas),
        screen,
      );
    });
  }

  const resized = new ResizeObserver(() => {
    screen = sizeOf();
    layout = layoutOf(map, screen.width / screen.height);
    view = fitted(layout, screen);
    draw();
  });
  resized.observe(canvas);
  signal.addEventListener("abort", () => resized.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal });

  /** @param {PointerEvent | WheelEvent} event */
  const placeOn = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  /** @param {{ x: number, y: number }} at */
  const seatUnder = (at) => seatAt(map, layout, view.x + at.x / view.scale, view.y + at.y / view.scale);

  /** Pointers that are down. @type {Map<number, { x: number, y: number }>} */
  const down = new Map();
  let moved = 0;

  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (down.size === 0) moved = 0;
      down.set(event.pointerId, placeOn(event));
      canvas.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      const at = placeOn(event);
      const before = down.get(event.pointerId);
      if (before === undefined) return onAt(seatUnder(at), "pointer");
      const [other] = [...down].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      if (other === undefined) {
        moved += Math.hypot(at.x - before.x, at.y - before.y);
        if (moved <= DRAG_PX) return;
        const { scale, x, y } = view;
        view = inBounds({ scale, x: x - (at.x - before.x) / scale, y: y - (at.y - before.y) / scale }, layout, screen);
      } else {
        moved = Number.POSITIVE_INFINITY; // two fingers pick nothing
        const factor = Math.hypot(at.x - other.x, at.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
        view = zoomed(view, factor, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }, layout, screen);
      }
      down.set(event.pointerId, at);
      draw();
    },
    { signal },
  );
  canvas.addEventListener(
    "pointerup",
    (event) => {
      const wasDown = down.delete(event.pointerId);
      if (!wasDown || moved > DRAG_PX || down.size > 0) return;
      const at = placeOn(event);
      if (view.scale < (event.pointerType === "mouse" ? HANDY / 2 : HANDY)) {
        view = zoomed(view, (HANDY * 1.4) / view.scale, at, layout, screen); // too small to be meant: closer first
        return draw();
      }
      const seat = seatUnder(at);
      if (seat === null) return;
      cursor = seat;
      onPick(seat);
      draw();
    },
    { signal },
  );
  canvas.addEventListener("pointercancel", (event) => void down.delete(event.pointerId), { signal });
  canvas.addEventListener("pointerleave", () => onAt(null, "pointer"), { signal });
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page is scrolled
      event.preventDefault();
      view = zoomed(view, Math.exp(-event.deltaY / 200), placeOn(event), layout, screen);
      draw();
    },
    { signal, passive: false },
  );

  /** @param {number} seat */
  function goTo(seat) {
    cursor = seat;
    view = showing(view, middleOf(map, layout, seat), layout, screen);
    onAt(seat, "keyboard");
    draw();
  }

  keyboard.tabIndex = 0;
  keyboard.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const at = cursor ?? 0;
      const where = ARROWS[event.key];
      if (where !== undefined) goTo(cursor === null ? at : neighbourOf(map, layout, at, where));
      else if (event.key === "Enter" || event.key === " ") onPick(at);
      else if (event.key === "n") goTo(nextFree(map, at));
      else if (event.key === "+") zoomBy(ZOOM_STEP);
      else if (event.key === "-") zoomBy(1 / ZOOM_STEP);
      else if (event.key === "0") showWhole();
      else return;
      event.preventDefault();
      draw();
    },
    { signal },
  );
  keyboard.addEventListener(
    "focus",
    () => {
      if (keyboard.matches(":focus-visible")) goTo(cursor ?? nextFree(map, -1)); // not by a click
    },
    { signal },
  );
  keyboard.addEventListener("blur", draw, { signal });

  /** @param {number} factor */
  function zoomBy(factor) {
    view = zoomed(view, factor, { x: screen.width / 2, y: screen.height / 2 }, layout, screen);
    draw();
  }

  function showWhole() {
    view = fitted(layout, screen);
    draw();
  }

  draw();
  return { draw, showWhole, closer: () => zoomBy(ZOOM_STEP), farther: () => zoomBy(1 / ZOOM_STEP) };
}

/** @param {SeatMap} map @param {number} after */
function nextFree(map, after) {
  const next = map.statuses.indexOf(FREE, after + 1);
  return next >= 0 ? next : Math.max(0, map.statuses.indexOf(FREE));
}

// What is drawn into a panel: curves and, of the verdict, the best epoch, the noise and the climb.
import { linePath, svg } from "../playground/axes.js";
import { numberText } from "./box_axes.js";

/** A line through the finite values; where there are none it is interrupted. */
export function path(x, y, { toX, toY }) {
  const pieces = [];
  const piece = [];
  for (let i = 0; i <= x.length; i += 1) {
    if (i < x.length && Number.isFinite(y[i])) piece.push([x[i], y[i]]);
    else if (piece.length) pieces.push(piece.splice(0));
  }
  return pieces.map((each) => `${linePath(each, toX, toY)}${each.length > 1 ? "" : "h0"}`).join("");
}

/** A curve as it was logged and, thicker, as it is without its noise. */
export function curveLines({ part, x, y, smooth }, panel) {
  if (x.length === 1) {
    const place = { cx: panel.toX(x[0]), cy: panel.toY(y[0]), r: 3.5 };
    return [svg("circle", { class: `dg-point dg-${part}`, ...place })];
  }
  const line = (look, values) =>
    svg("path", { class: `dg-curve dg-${part} ${look}`, d: path(x, values, panel) });
  return smooth ? [line("dg-raw", y), line("", smooth)] : [line("", y)];
}

/** What the rules take a curve for: without its noise, if they smoothed it. */
export function level({ y, smooth }) {
  return smooth ?? y;
}

/** Between two lines over the same epochs: a closed area. */
function area(look, x, above, below, { toX, toY }) {
  const shown = [...x.keys()].filter((i) => Number.isFinite(above[i] + below[i]));
  if (shown.length < 2) return [];
  const there = shown.map((i) => [x[i], above[i]]);
  const back = [...shown].reverse().map((i) => [x[i], below[i]]);
  return [svg("path", { class: look, d: `${linePath([...there, ...back], toX, toY)}Z` })];
}

function noiseBand(curve, noise, panel) {
  if (!(noise > 0)) return [];
  const middle = level(curve);
  const [above, below] = [1, -1].map((sign) => middle.map((value) => value + sign * noise));
  return area("dg-noise", curve.x, above, below, panel);
}

/** How far a curve has gone the wrong way (`sign` 1: up) since its best epoch. */
function climbArea(curve, bestEpoch, sign, panel) {
  const line = level(curve);
  const from = curve.x.findIndex((epoch) => epoch >= bestEpoch);
  if (from < 0 || !Number.isFinite(line[from])) return [];
  const base = line[from];
  const since = line.slice(from).map((value) => (sign * (value - base) > 0 ? value : base));
  const flat = since.map(() => base);
  return area("dg-climb", curve.x.slice(from), since, flat, panel);
}

/** "best epoch 30 (24–39)" */
function bestWords({ best, low, high }) {
  const range = low < high ? ` (${numberText(low)}\u2013${numberText(high)})` : "";
  return `best epoch ${numberText(best)}${range}`;
}

/** The best epoch: a line with its label, and a dot on the curve. */
function bestMarks(curve, marks, panel) {
  const { toX, toY, frame, right, floor } = panel;
  const at = toX(marks.best);
  const late = at > frame.left + 0.6 * (right - frame.left);
  const place = { x: at + (late ? -6 : 6), "text-anchor": late ? "end" : "start" };
  const index = curve.x.findIndex((epoch) => epoch >= marks.best);
  const value = level(curve).at(index);
  const dot = { class: "dg-best", cx: at, cy: toY(value), r: 4.5 };
  return [
    svg("path", { class: "dg-mark", d: `M${at} ${frame.top}V${floor}` }),
    ...(Number.isFinite(value) ? [svg("circle", dot)] : []),
    svg("text", { class: "dg-note", ...place, y: frame.top + 12 }, bestWords(marks)),
  ];
}

/** The epochs that the noise cannot tell from the best one: a field. */
function intervalField({ low, high }, { toX, frame, floor }) {
  if (!(low < high)) return [];
  const size = {
    x: toX(low),
    width: toX(high) - toX(low),
    y: frame.top,
    height: floor - frame.top,
  };
  return [svg("rect", { class: "dg-interval", ...size })];
}

/**
 * What the verdict rests on, drawn at the curve that was judged: {behind, before} the curves.
 * `marks` is {best, low, high (epochs), noise (in units of the curve), climbs, sign}.
 */
export function verdictMarks(curve, marks, panel) {
  const hasBest = Number.isFinite(marks.best);
  const climb = marks.climbs && hasBest ? climbArea(curve, marks.best, marks.sign, panel) : [];
  return {
    behind: [...intervalField(marks, panel), ...climb, ...noiseBand(curve, marks.noise, panel)],
    before: hasBest ? bestMarks(curve, marks, panel) : [],
  };
}

/** How far the values go that the axis cuts off. */
export function cutMark({ cut }, { frame }) {
  if (!cut) return [];
  const place = { class: "dg-note", x: frame.left + 8, y: frame.top + 30 };
  return [svg("text", place, `\u2191 up to ${numberText(cut)}`)];
}

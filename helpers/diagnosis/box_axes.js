// Numbers in words, and the axes of the picture: where a panel lies, what it maps, its ticks.
import { niceTicks, scaleOf } from "../playground/axes.js";

const MARGIN = { left: 52, right: 14, top: 12 };
const MANY_TIMES = 30; // a validation loss that falls by so much asks for a logarithmic axis
const MOST_POWERS = 7; // of ten that get a number each
const OUTLIERS = 3; // times the 95th percentile: what lies above is cut off
export const PARTS = ["train", "val"];
export const WORDS = { train: "training", val: "validation" };

/** A number as it stands at an axis or in a table: "0.031", "1,200", "3e9". */
export function numberText(value) {
  if (!Number.isFinite(value)) return "not finite";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    return value.toExponential(1).replace(".0", "").replace("e+", "e").replaceAll("-", "\u2212");
  }
  const text = size >= 1000 ? Math.round(value).toLocaleString("en-US") : String(rounded(value));
  return text.replace("-", "\u2212");
}

/** A share as it stands at an axis: "85%". */
export function percentText(share) {
  return `${rounded(100 * share)}%`;
}

function rounded(value) {
  return Number(value.toPrecision(3));
}

export function real(values) {
  return Array.from(values ?? []).filter(Number.isFinite);
}

function ends(values) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** The vertical axis of losses: {low, high, log, cut}; `cut` is how far they go beyond it. */
export function lossAxis(curves) {
  const values = curves.flatMap(({ y }) => real(y)).sort((a, b) => a - b);
  if (!values.length) return null;
  const judged = curves.find(({ part }) => part === "val") ?? curves[0];
  const usual = real(judged.smooth ?? judged.y);
  const [least, most] = usual.length ? ends(usual) : [values[0], values.at(-1)];
  if (least > 0 && most > MANY_TIMES * least) return logAxis(values, least);
  const limit = OUTLIERS * values[Math.floor(0.95 * (values.length - 1))];
  const top = values.at(-1) > limit && limit > 0 ? Math.max(limit, most) : values.at(-1);
  const cut = values.at(-1) > top ? values.at(-1) : null;
  return { ...padded(values[0], top), log: false, cut };
}

function logAxis(values, least) {
  const lowest = Math.max(
    values.find((value) => value > 0),
    least / MANY_TIMES,
  );
  return { low: lowest / 1.3, high: values.at(-1) * 1.3, log: true, cut: null };
}

/** From zero where that leaves room for the curves, else from a little below the lowest. */
function padded(low, high) {
  const span = high - low || Math.abs(high) || 1;
  const base = low >= 0 && low < 0.6 * high ? 0 : low - 0.08 * span;
  return { low: base, high: high + 0.06 * (high - base || span) };
}

/** The vertical axis of scores; null without any. */
export function scoreAxis(curves) {
  const values = curves.flatMap(({ y }) => real(y));
  if (!values.length) return null;
  const [least, most] = ends(values);
  const room = 0.1 * (most - least) || 0.05;
  const share = least >= 0 && most <= 1; // a share of 1: percent
  const [low, high] = share
    ? [Math.max(least - room, 0), Math.min(most + room, 1)]
    : [least - room, most + room];
  return { low, high, log: false, share };
}

export function epochAxis(curves) {
  const [first, last] = ends(curves.flatMap(({ x }) => [x[0], x.at(-1)]));
  const room = first < last ? 0 : 1;
  return { low: first - room, high: last + room, first, last };
}

export function ticksOf({ low, high, log }, scale, about, write = numberText) {
  const values = log ? decades(low, high) : niceTicks(low, high, about);
  return values.map((value) => ({ at: scale(value), text: write(value) }));
}

/** Powers of ten, with 3 between them if they are few and some left out if they are many. */
function decades(low, high) {
  const steps = high / low > 100 ? [1] : [1, 3];
  const powers = Math.log10(high / low);
  const every = Math.ceil(powers / MOST_POWERS);
  const ticks = [];
  for (
    let power = every * Math.floor(Math.log10(low) / every);
    10 ** power <= high;
    power += every
  ) {
    for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(3)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

export function epochTicks(axis, scale, about) {
  const whole = niceTicks(axis.low, axis.high, about).filter(
    (epoch) => Number.isInteger(epoch) && epoch >= axis.first && epoch <= axis.last,
  );
  return whole.map((value) => ({ at: scale(value), text: numberText(value) }));
}

/** Where a panel lies and how it maps epochs and values; values that no line can have are null. */
export function panelOf(width, height, bottom, epochs, values) {
  const frame = { width, height, bottom, ...MARGIN };
  const wide = width - MARGIN.left - MARGIN.right;
  const high = height - MARGIN.top - bottom;
  const toX = scaleOf(epochs.low, epochs.high, MARGIN.left, wide);
  const place = (value) => (values.log ? Math.log10(Math.max(value, values.low / 10)) : value);
  const linear = scaleOf(place(values.low), place(values.high), MARGIN.top + high, -high);
  const toY = (value) => Math.max(-1e4, Math.min(1e4, linear(place(value))));
  return { frame, toX, toY, right: MARGIN.left + wide, floor: MARGIN.top + high };
}

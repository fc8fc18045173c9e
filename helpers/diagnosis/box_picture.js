// The picture of a run: its losses with the verdict drawn in, its score below, and a legend.
import { drawAxes, drawWithin, linePath, niceTicks, scaleOf, svg } from "../playground/axes.js";
import { make } from "../playground/elements.js";

const MARGIN = { left: 52, right: 14, top: 12 };
const ABOVE_EPOCHS = 42; // with the numbers and the label of the axis
const MANY_TIMES = 30; // a validation loss that falls by so much asks for a logarithmic axis
const OUTLIERS = 3; // times the 95th percentile: what lies above is cut off
const PARTS = ["train", "val"];
const WORDS = { train: "training", val: "validation" };

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

function rounded(value) {
  return Number(value.toPrecision(3));
}

function real(values) {
  return (values ?? []).filter(Number.isFinite);
}

function ends(values) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** The curves of one kind that a run has: [{part, x, y, smooth}]. */
function curvesOf(diagnosis, kind) {
  return PARTS.map((part) => ({ part, ...diagnosis.curves[`${part}_${kind}`] })).filter(
    ({ x }) => x?.length,
  );
}

// ---- Axes ---------------------------------------------------------------------------------------

/** The vertical axis of losses: {low, high, log, cut}; `cut` is how far they go beyond it. */
function lossAxis(curves) {
  const values = curves.flatMap(({ y }) => real(y)).sort((a, b) => a - b);
  if (!values.length) return { low: 0, high: 1, log: false, cut: null, bare: true };
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

/** The vertical axis of scores, none of them in sight where there are none. */
function scoreAxis(curves) {
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

function epochAxis(curves) {
  const [first, last] = ends(curves.flatMap(({ x }) => [x[0], x.at(-1)]));
  return first < last ? { low: first, high: last } : { low: first - 1, high: last + 1 };
}

function ticksOf({ low, high, log }, scale, about, write = numberText) {
  const values = log ? decades(low, high) : niceTicks(low, high, about);
  return values.map((value) => ({ at: scale(value), text: write(value) }));
}

function decades(low, high) {
  const steps = high / low > 100 ? [1] : [1, 3];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) {
    for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(3)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

function epochTicks(axis, scale, about) {
  const whole = niceTicks(axis.low, axis.high, about).filter(Number.isInteger);
  return whole.map((value) => ({ at: scale(value), text: numberText(value) }));
}

/** Where a panel lies and how it maps epochs and values; values that no line can have are null. */
function panelOf(width, height, bottom, epochs, values) {
  const frame = { width, height, bottom, ...MARGIN };
  const wide = width - MARGIN.left - MARGIN.right;
  const high = height - MARGIN.top - bottom;
  const toX = scaleOf(epochs.low, epochs.high, MARGIN.left, wide);
  const place = (value) => (values.log ? Math.log10(Math.max(value, values.low / 10)) : value);
  const linear = scaleOf(place(values.low), place(values.high), MARGIN.top + high, -high);
  const toY = (value) => Math.max(-1e4, Math.min(1e4, linear(place(value))));
  return { frame, toX, toY, right: MARGIN.left + wide, floor: MARGIN.top + high };
}

// ---- What is drawn ------------------------------------------------------------------------------

/** A line through the finite values; where there are none it is interrupted. */
function path(x, y, { toX, toY }) {
  const pieces = [];
  const piece = [];
  for (let i = 0; i <= x.length; i += 1) {
    if (i < x.length && Number.isFinite(y[i])) piece.push([x[i], y[i]]);
    else if (piece.length) pieces.push(piece.splice(0));
  }
  return pieces.map((each) => `${linePath(each, toX, toY)}${each.length > 1 ? "" : "h0"}`).join("");
}

function curveLines({ part, x, y, smooth }, panel) {
  const line = (look, values) =>
    svg("path", { class: `dg-curve dg-${part} ${look}`, d: path(x, values, panel) });
  return smooth ? [line("dg-raw", y), line("", smooth)] : [line("", y)];
}

/** Between two lines over the same epochs: a closed area. */
function area(look, x, above, below, panel) {
  const shown = x
    .map((_, i) => i)
    .filter((i) => Number.isFinite(above[i]) && Number.isFinite(below[i]));
  if (shown.length < 2) return [];
  const there = shown.map((i) => [x[i], above[i]]);
  const back = shown.reverse().map((i) => [x[i], below[i]]);
  return [
    svg("path", { class: look, d: `${linePath([...there, ...back], panel.toX, panel.toY)}Z` }),
  ];
}

function noiseBand({ x, y, smooth }, noise, panel) {
  if (!(noise > 0)) return [];
  const middle = smooth ?? y;
  const [above, below] = [1, -1].map((sign) => middle.map((value) => value + sign * noise));
  return area("dg-noise", x, above, below, panel);
}

/** What the validation loss lies above its best since then. */
function climbArea({ x, y, smooth }, bestEpoch, panel) {
  const line = smooth ?? y;
  const from = x.findIndex((epoch) => epoch >= bestEpoch);
  if (from < 0 || !Number.isFinite(line[from])) return [];
  const since = line.slice(from).map((value) => Math.max(value, line[from]));
  return area(
    "dg-climb",
    x.slice(from),
    since,
    since.map(() => line[from]),
    panel,
  );
}

/** The best epoch: its interval as a light field, a line with a label, and a dot on the curve. */
function bestMarks({ x, y, smooth }, { best_epoch: best, best_low: low, best_high: high }, panel) {
  if (!Number.isFinite(best)) return { behind: [], before: [] };
  const { toX, toY, frame, right, floor } = panel;
  const [at, from, to] = [best, low ?? best, high ?? best].map((epoch) =>
    Math.min(right, Math.max(frame.left, toX(epoch))),
  );
  const size = { x: from, y: frame.top, width: Math.max(to - from, 0), height: floor - frame.top };
  const field = svg("rect", { class: "dg-interval", ...size });
  const line = svg("path", { class: "dg-mark", d: `M${at} ${frame.top}V${floor}` });
  const end = at > frame.left + 0.6 * (right - frame.left);
  const known = Number.isFinite(low) && Number.isFinite(high) && low < high;
  const words = known
    ? `best epoch ${numberText(best)} (${numberText(low)}\u2013${numberText(high)})`
    : `best epoch ${numberText(best)}`;
  const place = { x: at + (end ? -6 : 6), y: frame.top + 12, "text-anchor": end ? "end" : "start" };
  const text = svg("text", { class: "dg-note", ...place }, words);
  const index = x.findIndex((epoch) => epoch >= best);
  const value = (smooth ?? y)[index < 0 ? x.length - 1 : index];
  const dot = Number.isFinite(value)
    ? [svg("circle", { class: "dg-best", cx: at, cy: toY(value), r: 4.5 })]
    : [];
  return { behind: [field, line], before: [...dot, text] };
}

/** What the axis does not show: losses beyond it, and those that are no numbers. */
function lossNotes(curves, { cut }, { frame }) {
  const lines = [];
  if (cut) lines.push(`\u2191 up to ${numberText(cut)}`);
  for (const { part, x, y } of curves) {
    const broken = y.findIndex((value) => !Number.isFinite(value));
    if (broken < 0) continue;
    const rest = real(y.slice(broken)).length === 0;
    lines.push(`${WORDS[part]}: not finite ${rest ? "from" : "at"} epoch ${x[broken]}`);
  }
  return lines.map((text, i) =>
    svg("text", { class: "dg-note", x: frame.left + 8, y: frame.top + 30 + 17 * i }, text),
  );
}

function lossPanel(diagnosis, curves, epochs, width, height) {
  const axis = lossAxis(curves);
  const panel = panelOf(width, height, ABOVE_EPOCHS, epochs, axis);
  const val = curves.find(({ part }) => part === "val");
  const { numbers } = diagnosis;
  const marks = val ? bestMarks(val, numbers, panel) : { behind: [], before: [] };
  const climbs = val && hasTurned(diagnosis);
  return [
    drawAxes(
      {
        xTicks: epochTicks(epochs, panel.toX, Math.max(3, width / 90)),
        yTicks: axis.bare ? [] : ticksOf(axis, panel.toY, 5),
        xLabel: "epoch",
        yLabel: axis.log ? "loss, logarithmic" : "loss",
        lines: true,
      },
      panel.frame,
    ),
    drawWithin(
      panel.frame,
      ...marks.behind,
      ...(climbs ? climbArea(val, numbers.best_epoch, panel) : []),
      ...(val ? noiseBand(val, numbers.noise, panel) : []),
      ...curves.flatMap((curve) => curveLines(curve, panel)),
    ),
    ...marks.before,
    ...lossNotes(curves, axis, panel),
  ];
}

function scorePanel(curves, axis, name, epochs, width, height) {
  const panel = panelOf(width, height, 14, epochs, axis);
  const write = (value) => (axis.share ? `${rounded(100 * value)}%` : numberText(value));
  return [
    drawAxes(
      {
        xTicks: [],
        yTicks: ticksOf(axis, panel.toY, 3, write),
        xLabel: "",
        yLabel: name,
        lines: true,
      },
      panel.frame,
    ),
    drawWithin(panel.frame, ...curves.flatMap((curve) => curveLines(curve, panel))),
  ];
}

export function hasTurned({ verdicts, numbers }) {
  const turned = verdicts.some(({ name }) => name === "overfitting");
  return turned && Number.isFinite(numbers.best_epoch);
}

// ---- Legend and words ---------------------------------------------------------------------------

const line = (look) => () => [svg("path", { class: look, d: "M1 7H25" })];
const field = (look) => () => [svg("rect", { class: look, x: 1, y: 1, width: 24, height: 12 })];
const KEYS = {
  train: ["training", line("dg-curve dg-train")],
  val: ["validation", line("dg-curve dg-val")],
  raw: ["each epoch, before smoothing", line("dg-curve dg-raw dg-val")],
  noise: ["noise from epoch to epoch", field("dg-noise")],
  climb: ["climb since the best epoch", field("dg-climb")],
  best: ["best epoch", () => [svg("circle", { class: "dg-best", cx: 13, cy: 7, r: 4.5 })]],
  interval: ["where it may lie", field("dg-interval")],
};

function legendOf(diagnosis, losses) {
  const { best_epoch: best, best_low: low, best_high: high, noise } = diagnosis.numbers;
  const hasVal = losses.some(({ part }) => part === "val");
  const shown = {
    train: "train" in diagnosis.curves || losses.some(({ part }) => part === "train"),
    val: true,
    raw: losses.some(({ smooth }) => smooth),
    best: hasVal && Number.isFinite(best),
    interval: hasVal && low < high,
    noise: hasVal && noise > 0,
    climb: hasVal && hasTurned(diagnosis),
  };
  return Object.keys(shown)
    .filter((name) => shown[name])
    .map((name) => {
      const [words, drawn] = KEYS[name];
      const size = { viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" };
      return make("li", {}, svg("svg", size, ...drawn()), words);
    });
}

function describe(losses, numbers) {
  const said = losses.map(({ part, x, y, smooth }) => {
    const values = smooth ?? y;
    const [first, last] = [values[0], values.at(-1)].map(numberText);
    return `${WORDS[part]} loss from ${first} at epoch ${x[0]} to ${last} at epoch ${x.at(-1)}`;
  });
  const best = Number.isFinite(numbers.best_epoch)
    ? `; the validation loss is best at epoch ${numbers.best_epoch}`
    : "";
  return said.length ? `Curves: ${said.join(", ")}${best}.` : "Curves: no loss was logged.";
}

/** The height of the losses' panel, which is low where no loss is a number. */
function heightOf(losses, width) {
  if (!losses.length) return 0;
  return lossAxis(losses).bare ? 130 : Math.round(Math.min(330, Math.max(230, 0.62 * width)));
}

/** The figure of a diagnosis, which is drawn anew for every width. */
export function createPicture() {
  const picture = svg("svg", { role: "img", class: "dg-svg", "aria-label": "" });
  const legend = make("ul", { className: "dg-legend" });
  const stage = make("div", { className: "dg-stage" }, picture);
  const element = make("figure", { className: "dg-figure" }, stage, legend);
  let shown = null;

  function draw() {
    const width = Math.round(stage.clientWidth);
    if (!shown || !width) return;
    const { losses, scores, diagnosis, scoreName } = shown;
    const epochs = epochAxis([...losses, ...scores]);
    const high = heightOf(losses, width);
    const axis = scoreAxis(scores);
    const low = axis ? (losses.length ? 140 : 240) : 0;
    const below = svg("g", { transform: `translate(0 ${high})` });
    if (axis) below.append(...scorePanel(scores, axis, scoreName, epochs, width, low));
    picture.setAttribute("viewBox", `0 0 ${width} ${high + low}`);
    picture.setAttribute("height", high + low);
    picture.replaceChildren(
      ...(losses.length ? lossPanel(diagnosis, losses, epochs, width, high) : []),
      below,
    );
  }

  function show(diagnosis, scoreName) {
    const [losses, scores] = ["loss", "score"].map((kind) => curvesOf(diagnosis, kind));
    shown = { losses, scores, diagnosis, scoreName: scoreName || "score" };
    element.hidden = !losses.length && !scores.length;
    picture.setAttribute("aria-label", describe(losses, diagnosis.numbers));
    legend.replaceChildren(...legendOf(diagnosis, losses));
    draw();
  }

  new ResizeObserver(draw).observe(stage);
  return { element, show };
}

/** A small picture of both losses or, where they are no numbers, of both scores. */
export function thumbnail(history) {
  const [width, height] = [96, 54];
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const pair = (kind) => PARTS.map((part) => ({ part, ...history[`${part}_${kind}`] }));
  const kinds = ["loss", "score"].map(pair);
  const curves = kinds.find((each) => each.some(({ y }) => real(y).length)) ?? [];
  const drawn = curves.filter(({ x }) => x?.length);
  if (!drawn.length) return picture;
  const { low, high } = lossAxis(drawn);
  const epochs = epochAxis(drawn);
  const toX = scaleOf(epochs.low, epochs.high, 4, width - 8);
  const toY = scaleOf(low, high, height - 4, 8 - height);
  for (const { part, x, y } of drawn) {
    picture.append(svg("path", { class: `dg-curve dg-${part}`, d: path(x, y, { toX, toY }) }));
  }
  return picture;
}

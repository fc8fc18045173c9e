// The pictures: the plane with the decision boundary, and the loss curves.
// Everything is SVG that takes its colors from the style sheet, so light and dark need no code;
// only the shading of the plane is a canvas, of colors that are transparent where p is 1/2.
import { formatNumber } from "./format.js";

const FRAME = { width: 350, height: 268, left: 48, top: 10, right: 10, bottom: 42 };
const WIDE = FRAME.width - FRAME.left - FRAME.right;
const HIGH = FRAME.height - FRAME.top - FRAME.bottom;
const CLASS_COLORS = [[86, 180, 233], [230, 159, 0]]; // #56B4E9 and #E69F00, as in the style sheet
const MOST_PIECES = 300; // a curve of more epochs is drawn by the lowest and highest of each piece

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function createFrame(label) {
  const viewBox = `0 0 ${FRAME.width} ${FRAME.height}`;
  return svg("svg", { viewBox, role: "img", class: "pg-svg", "aria-label": label });
}

// ---- Axes ---------------------------------------------------------------------------------------

/** Round numbers between two numbers, about as many as asked for. */
function niceTicks(from, to, about) {
  const rough = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to * (1 + 1e-9); i += 1) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function scaleOf(from, to, start, length) {
  return (value) => start + (length * (value - from)) / (to - from);
}

export function horizontal(from, to) {
  return scaleOf(from, to, FRAME.left, WIDE);
}

export function vertical(from, to) {
  return scaleOf(from, to, FRAME.top + HIGH, -HIGH);
}

/** Both axes with ticks ({at, text}), labels and, for curves, thin lines across. */
export function drawAxes({ xTicks, yTicks, xLabel, yLabel, lines = false }) {
  const [bottom, right] = [FRAME.top + HIGH, FRAME.left + WIDE];
  const group = svg("g", { class: "pg-axes" });
  for (const { at, text } of yTicks) {
    if (lines) group.append(svg("path", { class: "pg-line-across", d: `M${FRAME.left} ${at}H${right}` }));
    group.append(svg("path", { d: `M${FRAME.left - 4} ${at}h4` }));
    group.append(svg("text", { x: FRAME.left - 6, y: at + 4, "text-anchor": "end" }, text));
  }
  for (const { at, text } of xTicks) {
    const anchor = at > right - 12 ? "end" : "middle"; // the last number stays inside the picture
    group.append(svg("path", { d: `M${at} ${bottom}v4` }));
    const x = anchor === "end" ? right + 6 : at;
    group.append(svg("text", { x, y: bottom + 16, "text-anchor": anchor }, text));
  }
  group.append(svg("path", { d: `M${FRAME.left} ${FRAME.top}V${bottom}H${right}` }));
  const [center, middle] = [FRAME.left + WIDE / 2, FRAME.top + HIGH / 2];
  group.append(svg("text", { x: center, y: FRAME.height - 7, "text-anchor": "middle" }, xLabel));
  group.append(svg("text", { x: 12, y: middle, "text-anchor": "middle",
    transform: `rotate(-90 12 ${middle})` }, yLabel));
  return group;
}

function ticksAlong(from, to, scale, about = 5) {
  const text = (value) => formatNumber(value).replace("-", "−");
  return niceTicks(from, to, about).map((value) => ({ at: scale(value), text: text(value) }));
}

/** What is drawn inside stays inside the axes: an svg within an svg cuts off what sticks out. */
export function drawInside(...children) {
  const box = { x: FRAME.left, y: FRAME.top, width: WIDE, height: HIGH };
  const view = `${FRAME.left} ${FRAME.top} ${WIDE} ${HIGH}`;
  return svg("svg", { ...box, viewBox: view, class: "pg-inside" }, ...children);
}

// ---- The plane ----------------------------------------------------------------------------------

/** The part of the plane that holds nearly all points; more noise needs more room. */
export function planeOf({ dataset, noise }) {
  const room = 2.5 * Math.max(0, noise - 0.2);
  if (dataset === "moons") return { x: [-1.9 - room, 2.9 + room], y: [-1.5 - room, 2 + room] };
  const reach = (dataset === "spiral" ? 2.2 : 1.6) + room;
  const across = (reach * WIDE) / HIGH;
  return { x: [-across, across], y: [-reach, reach] };
}

/** Points on a regular grid over the plane, row by row from below: what the network predicts. */
export function gridOver(plane, columns, rows) {
  const grid = new Float32Array(2 * columns * rows);
  const [x, y] = [plane.x, plane.y];
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, i += 2) {
      grid[i] = x[0] + ((x[1] - x[0]) * column) / (columns - 1);
      grid[i + 1] = y[0] + ((y[1] - y[0]) * row) / (rows - 1);
    }
  }
  return grid;
}

/**
 * The lines where a field on a grid crosses 1/2, in grid coordinates ("marching squares"): each
 * line is a list of [column, row]. Lines are chained so that they can be dashed.
 */
export function contourLines(field, columns, rows) {
  const joined = new Map(); // an edge of the grid that the line crosses: its one or two neighbors
  const join = (a, b) => {
    for (const [from, to] of [[a, b], [b, a]]) {
      if (!joined.has(from)) joined.set(from, []);
      joined.get(from).push(to);
    }
  };
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const i = row * columns + column;
      // An edge is named by its first corner: 2i is the one to the right, 2i + 1 the one upward.
      const edges = [2 * i, 2 * (i + 1) + 1, 2 * (i + columns), 2 * i + 1];
      const corners = [i, i + 1, i + columns + 1, i + columns].map((corner) => field[corner]);
      const crossed = edges.filter((_, k) => corners[k] > 0.5 !== corners[(k + 1) % 4] > 0.5);
      if (crossed.length === 2) join(crossed[0], crossed[1]);
      if (crossed.length === 4) { // a saddle: its middle says which corners belong together
        const middle = corners.reduce((sum, each) => sum + each, 0) / 4;
        const together = middle > 0.5 === corners[0] > 0.5;
        join(edges[0], edges[together ? 1 : 3]);
        join(edges[2], edges[together ? 3 : 1]);
      }
    }
  }
  const place = (edge) => {
    const [i, upward] = [edge >> 1, edge & 1];
    const other = i + (upward ? columns : 1);
    const share = (0.5 - field[i]) / (field[other] - field[i]);
    const [column, row] = [i % columns, Math.floor(i / columns)];
    return upward ? [column, row + share] : [column + share, row];
  };
  return chains(joined).map((chain) => chain.map(place));
}

/** Walk along neighbors: open lines first, from their ends; then the closed ones. */
function chains(joined) {
  const found = [];
  const walk = (start) => {
    const chain = [start];
    let [at, next] = [start, joined.get(start)[0]];
    joined.delete(start);
    while (next !== undefined) {
      chain.push(next);
      const neighbors = joined.get(next) ?? [];
      joined.delete(next);
      [at, next] = [next, neighbors.find((each) => each !== at && (joined.has(each) || each === start))];
      if (at === start) break;
    }
    found.push(chain);
  };
  for (const [edge, neighbors] of joined) if (neighbors.length === 1) walk(edge);
  for (const edge of joined.keys()) walk(edge);
  return found;
}

export function linePath(line, toX, toY) {
  return `M${line.map(([x, y]) => `${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("L")}`;
}

function pointMark(x, y, label, part) {
  const size = part === "train" ? 4.4 : 3.1;
  const look = { class: `pg-point pg-${part} pg-class-${label}` };
  if (label === 0) return svg("circle", { ...look, cx: x.toFixed(1), cy: y.toFixed(1), r: size });
  const [half, up, down] = [1.15 * size, 1.3 * size, 0.8 * size];
  const d = `M${x.toFixed(1)} ${(y - up).toFixed(1)}l${half} ${up + down}h${-2 * half}z`;
  return svg("path", { ...look, d });
}

/** A small drawing for the legend, in the same classes as the picture itself. */
export function legendKey(look) {
  const line = (name) => svg("path", { class: name, d: "M1 7H25" });
  const keys = {
    boundary: () => [line("pg-boundary")],
    ghost: () => [line("pg-boundary pg-ghost")],
    train: () => [line("pg-curve pg-of-train")],
    val: () => [line("pg-curve pg-of-val")],
    seed: () => [line("pg-curve pg-seed pg-of-val")],
    old: () => [["train", 4], ["val", 10]].map(([part, y]) =>
      svg("path", { class: `pg-curve pg-ghost pg-of-${part}`, d: `M1 ${y}H25` })),
    best: () => [svg("circle", { class: "pg-best", cx: 13, cy: 7, r: 4.5 })],
    points: () => [pointMark(7, 7, 0, "train"), pointMark(20, 7, 1, "train")],
    held: () => [pointMark(7, 7, 0, "val"), pointMark(20, 7, 1, "val")],
  };
  return svg("svg", { viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" }, ...keys[look]());
}

/** The left picture. `setPoints` draws a run's points, `draw` its field, again and again. */
export function createPlane() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * WIDE, 2 * HIGH];
  canvas.className = "pg-field";
  canvas.setAttribute("aria-hidden", "true");
  const percent = (part, whole) => `${(100 * part) / whole}%`;
  Object.assign(canvas.style, {
    left: percent(FRAME.left, FRAME.width), top: percent(FRAME.top, FRAME.height),
    width: percent(WIDE, FRAME.width), height: percent(HIGH, FRAME.height),
  });
  const picture = createFrame("Decision boundary; no training has finished yet");
  const element = document.createElement("div");
  element.className = "pg-stack";
  element.append(canvas, picture);

  const [axes, lines, marks] = [svg("g"), svg("g"), svg("g")];
  picture.append(axes, drawInside(marks, lines));
  let toX = horizontal(0, 1);
  let toY = vertical(0, 1);

  function setPlane(plane) {
    toX = horizontal(...plane.x);
    toY = vertical(...plane.y);
    axes.replaceChildren(drawAxes({
      xTicks: ticksAlong(...plane.x, toX), yTicks: ticksAlong(...plane.y, toY),
      xLabel: "first input", yLabel: "second input",
    }));
    marks.replaceChildren();
    lines.replaceChildren();
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  }

  function setPoints(points) {
    const marksOf = (part, xs, ys) => Array.from(ys, (y, i) =>
      pointMark(toX(xs[2 * i]), toY(xs[2 * i + 1]), y ? 1 : 0, part));
    marks.replaceChildren(...marksOf("val", points.x_val, points.y_val), ...marksOf("train", points.x_train, points.y_train));
  }

  /** `ghost` holds lines in the plane's own coordinates, so it stays right when the plane changes. */
  function draw(contour, ghost) {
    const path = (line, name) => svg("path", { class: name, d: linePath(line, toX, toY) });
    lines.replaceChildren(
      ...ghost.map((line) => path(line, "pg-boundary pg-ghost")),
      ...contour.map((line) => path(line, "pg-boundary-edge")),
      ...contour.map((line) => path(line, "pg-boundary")),
    );
  }

  return { element, picture, setPlane, setPoints, draw, shade: (...field) => shade(canvas, ...field) };
}

/** Paint the probabilities: small, one pixel each, then enlarged so that the browser smooths them. */
function shade(canvas, field, columns, rows) {
  const small = document.createElement("canvas");
  [small.width, small.height] = [columns, rows];
  const image = new ImageData(columns, rows);
  for (let i = 0; i < field.length; i += 1) {
    const row = rows - 1 - Math.floor(i / columns);
    const pixel = 4 * (row * columns + (i % columns));
    const color = CLASS_COLORS[field[i] > 0.5 ? 1 : 0];
    for (let k = 0; k < 3; k += 1) image.data[pixel + k] = color[k];
    image.data[pixel + 3] = 255 * 0.55 * Math.abs(2 * field[i] - 1);
  }
  small.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  // The outer grid points lie on the frame, so the outer half pixels are cut off.
  context.drawImage(small, 0.5, 0.5, columns - 1, rows - 1, 0, 0, canvas.width, canvas.height);
}

/** A contour from grid coordinates to those of the plane. */
export function contourInPlane(field, columns, rows, plane) {
  const toX = scaleOf(0, columns - 1, plane.x[0], plane.x[1] - plane.x[0]);
  const toY = scaleOf(0, rows - 1, plane.y[0], plane.y[1] - plane.y[0]);
  return contourLines(field, columns, rows).map((line) => line.map(([x, y]) => [toX(x), toY(y)]));
}

// ---- The loss curves ----------------------------------------------------------------------------

/**
 * The upper end of the axis: what the curves reach, but no more than twenty times where they begin
 * (or guessing, 0.7), so that an exploding loss does not flatten everything else.
 */
function lossLimit(runs) {
  let highest = 0.1;
  let first = 0.7;
  for (const losses of runs) {
    if (Number.isFinite(losses[0])) first = Math.max(first, losses[0]);
    for (const loss of losses) if (loss > highest && loss < Infinity) highest = loss;
  }
  const limit = Math.min(highest, 20 * first);
  return { limit: 1.04 * limit, cut: highest > limit ? highest : null };
}

function curvePath(losses, toX, toY) {
  const piece = Math.ceil(losses.length / MOST_PIECES);
  const line = [];
  for (let start = 0; start < losses.length; start += piece) {
    let [low, high] = [-1, -1];
    for (let i = start; i < Math.min(start + piece, losses.length); i += 1) {
      if (!Number.isFinite(losses[i])) continue;
      if (low < 0 || losses[i] < losses[low]) low = i;
      if (high < 0 || losses[i] > losses[high]) high = i;
    }
    if (low < 0) continue;
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      line.push([i + 1, Math.min(losses[i], 1e6)]);
    }
  }
  return line.length ? linePath(line, toX, toY) : "";
}

/** A vertical line at an epoch with a label that stays inside the picture. */
function epochMark(at, label, row) {
  const end = at > FRAME.left + 0.55 * WIDE;
  const text = svg("text", { class: "pg-mark-text", x: at + (end ? -5 : 5), y: FRAME.top + 12 + 15 * row,
    "text-anchor": end ? "end" : "start" }, label);
  return [svg("path", { class: "pg-mark", d: `M${at} ${FRAME.top}v${HIGH}` }), text];
}

/** The right picture, of a run and its ghost; `epochs` says how far the run may go. */
export function createCurves() {
  const picture = createFrame("Loss curves; no training has finished yet");

  function draw(run, ghost, epochs) {
    const seen = [run, ghost].filter(Boolean);
    const longest = Math.max(1, ...seen.map((each) => each.valLoss.length));
    const reach = run.done ? Math.max(longest, 2) : Math.max(epochs, 2);
    const { limit, cut } = lossLimit(seen.flatMap((each) => [each.trainLoss, each.valLoss]));
    const [toX, toY] = [horizontal(0, reach), vertical(0, limit)];
    const curve = (losses, part, tint) =>
      svg("path", { class: `pg-curve pg-of-${part}${tint}`, d: curvePath(losses, toX, toY) });
    const shown = [];
    const over = []; // what the frame must not cut
    for (const [each, tint] of [[ghost, " pg-ghost"], [run, ""]]) {
      if (each) shown.push(curve(each.trainLoss, "train", tint), curve(each.valLoss, "val", tint));
    }
    const best = run.valLoss[run.bestEpoch - 1];
    if (run.stoppedEpoch) {
      shown.push(...epochMark(toX(run.stoppedEpoch), `stopped: epoch ${formatNumber(run.stoppedEpoch)}`, 1));
    }
    if (Number.isFinite(best)) {
      shown.push(...epochMark(toX(run.bestEpoch), `best: epoch ${formatNumber(run.bestEpoch)}`, 0));
      over.push(svg("circle", { class: "pg-best", cx: toX(run.bestEpoch), cy: toY(best), r: 4.5 }));
    }
    if (cut) shown.push(svg("text", { class: "pg-mark-text", x: FRAME.left + 6, y: FRAME.top + 42 },
      `↑ up to ${formatNumber(Number(cut.toPrecision(2)))}`));
    picture.replaceChildren(
      drawAxes({ xTicks: ticksAlong(0, reach, toX, 4), yTicks: ticksAlong(0, limit, toY),
        xLabel: "epoch", yLabel: "cross-entropy (nats)", lines: true }),
      drawInside(...shown), ...over,
    );
  }

  return { element: picture, picture, draw };
}

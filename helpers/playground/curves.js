// The right picture: the losses over the epochs.
import {
  FRAME,
  HIGH,
  WIDE,
  createFrame,
  drawAxes,
  drawInside,
  horizontal,
  linePath,
  svg,
  ticksAlong,
  vertical,
} from "./axes.js";
import { formatNumber } from "./format.js";

const LABEL = 120; // the widest label of an epoch with its distance from the line
const MOST_PIECES = 300; // a curve of more epochs is drawn by the lowest and highest of each piece

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

const isLate = (at) => at > FRAME.left + 0.55 * WIDE; // the label stands before its line

/** The first row below the top one in which no curve crosses a label at this place. */
function freeRow(at, curves, toX, toY) {
  const [from, to] = isLate(at) ? [at - LABEL, at] : [at, at + LABEL];
  const isNear = (_, i) => toX(i + 1) >= from && toX(i + 1) <= to;
  const heights = curves.flatMap((losses) => [...losses].filter(isNear).map(toY));
  for (let row = 1; row < 13; row += 1) {
    const base = FRAME.top + 12 + 15 * row;
    if (!heights.some((y) => y > base - 14 && y < base + 6)) return row;
  }
  return 1;
}

/** A vertical line at an epoch with a label that stays inside the picture. */
function epochMark(at, label, row) {
  const end = isLate(at);
  const text = svg(
    "text",
    {
      class: "pg-mark-text",
      x: at + (end ? -5 : 5),
      y: FRAME.top + 12 + 15 * row,
      "text-anchor": end ? "end" : "start",
    },
    label,
  );
  return [svg("path", { class: "pg-mark", d: `M${at} ${FRAME.top}v${HIGH}` }), text];
}

function curve(losses, part, tint, toX, toY) {
  const look = `pg-curve pg-of-${part}${tint}`;
  return svg("path", { class: look, d: curvePath(losses, toX, toY) });
}

function bothCurves(run, tint, toX, toY) {
  if (!run) return [];
  return ["train", "val"].map((part) => curve(run[`${part}Loss`], part, tint, toX, toY));
}

/** The lines with labels at the best epoch and where early stopping ended the run. */
function epochMarks({ stoppedEpoch, bestEpoch, trainLoss, valLoss }, toX, toY) {
  const at = toX(stoppedEpoch || 1);
  const row = stoppedEpoch ? freeRow(at, [trainLoss, valLoss], toX, toY) : 1;
  const stopped = stoppedEpoch
    ? epochMark(at, `stopped: epoch ${formatNumber(stoppedEpoch)}`, row)
    : [];
  const best = Number.isFinite(valLoss[bestEpoch - 1])
    ? epochMark(toX(bestEpoch), `best: epoch ${formatNumber(bestEpoch)}`, 0)
    : [];
  return [...stopped, ...best];
}

/** A dot at the lowest validation loss. */
function bestDot({ bestEpoch, valLoss }, toX, toY) {
  const lowest = valLoss[bestEpoch - 1];
  if (!Number.isFinite(lowest)) return [];
  return [svg("circle", { class: "pg-best", cx: toX(bestEpoch), cy: toY(lowest), r: 4.5 })];
}

/** How far the losses go that the axis cuts off. */
function cutMark(highest) {
  if (!highest) return [];
  const place = { class: "pg-mark-text", x: FRAME.left + 6, y: FRAME.top + 42 };
  return [svg("text", place, `↑ up to ${formatNumber(Number(highest.toPrecision(2)))}`)];
}

/** The picture of a run and its ghost; `epochs` says how far the run may go. */
export function createCurves() {
  const picture = createFrame("Loss curves; no training has finished yet");

  function draw(run, ghost, epochs) {
    const seen = [run, ghost].filter(Boolean);
    const longest = Math.max(1, ...seen.map((each) => each.valLoss.length));
    const reach = run.done ? Math.max(longest, 2) : Math.max(epochs, 2);
    const { limit, cut } = lossLimit(seen.flatMap((each) => [each.trainLoss, each.valLoss]));
    const [toX, toY] = [horizontal(0, reach), vertical(0, limit)];
    picture.replaceChildren(
      drawAxes({
        xTicks: ticksAlong(0, reach, toX, 4),
        yTicks: ticksAlong(0, limit, toY),
        xLabel: "epoch",
        yLabel: "cross-entropy (nats)",
        lines: true,
      }),
      drawInside(
        ...bothCurves(ghost, " pg-ghost", toX, toY),
        ...bothCurves(run, "", toX, toY),
        ...epochMarks(run, toX, toY),
        ...cutMark(cut),
      ),
      ...bestDot(run, toX, toY), // the frame must not cut it
    );
  }

  return { element: picture, picture, draw };
}

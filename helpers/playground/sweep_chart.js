// The picture of a sweep: losses over the values of one knob, a thin line for each seed.
import { formatNumber, valueText } from "./format.js";
import { createFrame, drawAxes, drawInside, horizontal, linePath, svg, vertical } from "./axes.js";
import { geometricMean, isLoss } from "./sweep_results.js";

const MOST_DECADES = 4; // losses that are still smaller are cut off
const FEW_DECADES = 1.5; // up to here 2 and 5 get a tick, too

/** Both losses over the values of one knob; `runs[i]` holds {train, val} of each seed. */
export function createSweepChart() {
  const picture = createFrame("Sweep; none has finished yet");

  function draw(knob, label, values, runs) {
    const [low, high] = limits(runs.flatMap((each) => each.flatMap((run) => [run.train, run.val])));
    const toX = horizontal(-0.4, values.length - 0.6);
    const logarithm = vertical(Math.log10(low), Math.log10(high));
    const toY = (loss) => logarithm(Math.log10(loss));
    const xTicks = values.map((value, i) => ({
      at: toX(i),
      text: shortTick(valueText(knob, value)),
    }));
    const yTicks = lossTicks(low, high).map((loss) => ({
      at: toY(loss),
      text: formatNumber(loss),
    }));
    picture.replaceChildren(
      drawAxes({ xTicks, yTicks, xLabel: label, yLabel: "cross-entropy (nats)", lines: true }),
      drawInside(
        ...["train", "val"].flatMap((part) => seedLines(runs, part, toX, toY)),
        ...["train", "val"].flatMap((part) => meanLine(runs, part, toX, toY)),
      ),
    );
  }

  return { element: picture, picture, draw };
}

/** The ends of the axis: all losses, but four decades at most. */
function limits(losses) {
  const real = losses.filter(isLoss);
  const highest = Math.max(...(real.length ? real : [1]));
  const lowest = Math.max(Math.min(...(real.length ? real : [0.1])), highest / 10 ** MOST_DECADES);
  return [lowest / 1.15, highest * 1.15];
}

function lossTicks(low, high) {
  const steps = Math.log10(high / low) > FEW_DECADES ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) {
    for (const step of steps) ticks.push(Number((step * 10 ** power).toPrecision(6)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** A thin line for each seed, over the values that it has finished. */
function seedLines(runs, part, toX, toY) {
  const seeds = Math.max(0, ...runs.map((each) => each.length));
  return Array.from({ length: seeds }, (_, seed) => {
    const points = runs
      .map((each, i) => [i, each[seed]?.[part]])
      .filter(([, loss]) => isLoss(loss));
    return svg("path", {
      class: `pg-curve pg-seed pg-of-${part}`,
      d: points.length ? linePath(points, toX, toY) : "",
    });
  });
}

/** The thick line of the geometric mean, with a mark at each value. */
function meanLine(runs, part, toX, toY) {
  const points = runs
    .map((each, i) => [i, each.map((run) => run[part]).filter(isLoss)])
    .filter(([, losses]) => losses.length > 0)
    .map(([i, losses]) => [i, geometricMean(losses)]);
  if (!points.length) return [];
  const size = 3.4;
  const dots = points.map(([i, loss]) =>
    part === "train"
      ? svg("circle", { class: "pg-dot pg-of-train", cx: toX(i), cy: toY(loss), r: size })
      : svg("rect", {
          class: "pg-dot pg-of-val",
          x: toX(i) - size,
          y: toY(loss) - size,
          width: 2 * size,
          height: 2 * size,
        }),
  );
  return [svg("path", { class: `pg-curve pg-of-${part}`, d: linePath(points, toX, toY) }), ...dots];
}

function shortTick(text) {
  return text.replace(/^0\.000+1$/, (number) => Number(number).toExponential(0).replace("-", "−"));
}

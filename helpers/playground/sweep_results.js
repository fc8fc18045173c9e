// What a sweep shows: its values compared seed by seed, in logarithms.
import { count, formatLoss, formatNumber, settingText, valueText } from "./format.js";
import KNOBS from "./knobs.json" with { type: "json" };

// 0.975 quantiles of Student's t with 1 to 9 degrees of freedom.
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
export const SWEEP_SEEDS = T.length + 1;
const FEW = 5; // seeds that tell large differences only

export function geometricMean(losses) {
  return Math.exp(losses.reduce((sum, loss) => sum + Math.log(loss), 0) / losses.length);
}

/** A loss whose logarithm is a number. */
export function isLoss(loss) {
  return Number.isFinite(loss) && loss > 0;
}

/**
 * Compare the values of a sweep: {seeds, rows}. `runs[i]` holds, of value i, one {train, val} a
 * seed, in the order of the seeds; only seeds that all values have finished count. A row is
 * {value, val: the geometric mean, ratio, low, high, rank}: how many times the lowest value's loss
 * it is, with the 95% interval of the paired differences of logarithms. rank is "lowest", "alike"
 * if the interval holds 1, or else "higher"; a value whose losses have no logarithm (one run
 * diverged) has the rank "none" and no figures.
 */
export function compareSweep(values, runs) {
  const seeds = Math.min(...runs.map((each) => each.length));
  const losses = runs.map((each) => each.slice(0, seeds).map((run) => run.val));
  const means = losses.map((each) => (seeds && each.every(isLoss) ? geometricMean(each) : NaN));
  const lowest = means.reduce((best, mean, i) => (mean < (means[best] ?? Infinity) ? i : best), -1);
  const rows = values.map((value, i) => {
    if (Number.isNaN(means[i])) return { value, rank: "none" };
    if (i === lowest) return { value, val: means[i], rank: "lowest" };
    return { value, val: means[i], ...compareLosses(losses[i], losses[lowest]) };
  });
  return { seeds, rows };
}

function compareLosses(losses, lowest) {
  const logs = losses.map((loss, k) => Math.log(loss / lowest[k]));
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  const squares = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const margin =
    logs.length > 1
      ? T[logs.length - 2] * Math.sqrt(squares / (logs.length - 1) / logs.length)
      : Infinity;
  const [ratio, low, high] = [mean, mean - margin, mean + margin].map(Math.exp);
  return { ratio, low, high, rank: low > 1 ? "higher" : "alike" };
}

/** The sentence of a sweep: which value is lowest, which cannot be told apart from it. */
export function readSweep(knob, values, runs) {
  const { seeds, rows } = compareSweep(values, runs);
  const best = rows.find((row) => row.rank === "lowest");
  if (!best) return "The sweep has no result yet.";
  const names = (rank) =>
    listOf(rows.filter((row) => row.rank === rank).map((row) => nameOf(knob, row.value)));
  const [alike, higher, none] = ["alike", "higher", "none"].map(names);
  return [
    `Over ${count(seeds, "seed")} the validation loss (geometric mean) is lowest, ` +
      `${formatLoss(best.val)}, with ${settingText(knob, best.value)}.`,
    alike &&
      higher &&
      `With ${alike} it cannot be told apart from that; with ${higher} it is higher.`,
    alike && !higher && "No other value can be told apart from it.",
    !alike && higher && `With ${higher} it is higher.`,
    none && `With ${none} a run ended without a usable loss.`,
    alike &&
      seeds <= FEW &&
      (seeds === 1
        ? "One seed is too few to tell values apart."
        : "So few seeds show only large differences."),
  ]
    .filter(Boolean)
    .join(" ");
}

/** A value among others of its knob. */
function nameOf(knob, value) {
  return "off" in KNOBS[knob] && value === KNOBS[knob].off
    ? settingText(knob, value)
    : valueText(knob, value);
}

function listOf(names) {
  return names.length > 1
    ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`
    : names.join("");
}

/** The rows of the sweep's table: value, both losses, and the ratio to the lowest. */
export function sweepRows(knob, values, runs) {
  const spread = (losses) => {
    const real = losses.filter(isLoss);
    if (!real.length) return "–";
    const [lowest, highest] = [Math.min(...real), Math.max(...real)].map((loss) =>
      formatLoss(loss),
    );
    return `${formatLoss(geometricMean(real))} (${lowest} to ${highest})`;
  };
  const times = (ratio) => (ratio < 100 ? ratio.toFixed(2) : formatNumber(Math.round(ratio)));
  const against = ({ rank, ratio, low, high }) =>
    rank === "lowest"
      ? "lowest"
      : rank === "none"
        ? "–"
        : Number.isFinite(high)
          ? `× ${times(ratio)} (${times(low)} to ${times(high)})`
          : `× ${times(ratio)}`;
  return compareSweep(values, runs).rows.map((row, i) => [
    valueText(knob, row.value),
    spread(runs[i].map((run) => run.train)),
    spread(runs[i].map((run) => run.val)),
    against(row),
  ]);
}

export function describeSweep(runs) {
  const mean = (losses) => (losses.length ? formatLoss(geometricMean(losses)) : "none");
  const means = (part) =>
    runs.map((each) => mean(each.map((run) => run[part]).filter(isLoss))).join(", ");
  return (
    `Geometric mean of the cross-entropy from left to right: training ${means("train")}; ` +
    `validation ${means("val")}.`
  );
}

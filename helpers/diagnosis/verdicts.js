// From the curves of a training history to ranked verdicts; verdicts.py and report.py do the same
// in Python, and say why. All limits stand in rules.json.
import ADVICE from "./advice.json" with { type: "json" };
import {
  END,
  mean,
  median,
  numbers,
  quantile,
  rows,
  smooth,
  thin,
  turn,
  whole,
  widthOf,
} from "./measures.js";
import { MAIN, chances } from "./chances.js";
import { LIMITS, NUMBERS, evidenceFor, percent, sentence } from "./words.js";

const CURVES = ["train_loss", "val_loss", "train_score", "val_score"];
const MOST_ADVICE = 4; // things to try
const [LEAST, MOST] = [1e-100, 1e100]; // sizes of a value that are taken for what they are

/**
 * What a history that `read` returns shows, and what to try next: the same object, with the same
 * keys and sentences, as `diagnose(...).to_dict()` in Python. nVal is the number of validation
 * rows; null estimates it from the steps of the score. Throws an Error if it is no such number.
 */
export function diagnose(given, { nVal = null } = {}) {
  if (nVal !== null && !(Number.isInteger(nVal) && nVal >= 1)) {
    throw new Error(`n_val must be the number of validation rows, 1 or more; got ${nVal}.`);
  }
  const history = { ...given, ...bounded(given) };
  const found = measure(history, nVal);
  const verdicts = judge(found);
  const said = verdicts.map(({ name }) => ADVICE[name]);
  return {
    verdict: verdicts[0].name,
    verdicts,
    numbers: Object.fromEntries(NUMBERS.map((name) => [name, plain(found[name])])),
    try: firstOfEach(said.flatMap((each) => each.try)).slice(0, MOST_ADVICE),
    unknown: [...new Set(said.flatMap((each) => each.unknown))],
    read: { format: history.format, notes: [...history.notes] },
    curves: curvesOf(history),
  };
}

function firstOfEach(items) {
  const kept = new Map();
  for (const item of items) if (!kept.has(item.what)) kept.set(item.what, item);
  return [...kept.values()];
}

/** A number or a truth value that JSON can hold; null for what is not there or not finite. */
function plain(value) {
  return typeof value === "boolean" || Number.isFinite(value) ? value : null;
}

/** Each curve thinned for drawing, with its smooth line: lists of finite numbers. */
function curvesOf(history) {
  const there = CURVES.filter((name) => history[name]);
  return Object.fromEntries(there.map((name) => [name, drawn(history[name])]));
}

function drawn(curve) {
  const { x, y } = finiteOf(curve);
  const [thinX, thinY] = thin(x, y);
  const line = smooth(thinY, widthOf(thinY.length));
  return { x: Array.from(thinX), y: Array.from(thinY), smooth: Array.from(line) };
}

// What the rules ask of a history

/** The numbers of a history, by name; what it lacks is not among them. */
function measure(history, nVal) {
  const { kind, ...losses } = lossesOf(history);
  const { train, val, shift, isBelow } = aboveZero(losses);
  const guessed = nVal === null ? guessedRows(history) : null;
  const found = {
    n_val: nVal ?? guessed,
    n_val_is_guess: guessed !== null,
    kind,
    score: history.score_name,
    shift,
    below_zero: isBelow,
    higher: history.higher_is_better,
    is_cut: [train, val].some((curve) => Boolean(curve) && beginsLate(curve)),
    train_is_batch: history.train_is_batch,
    n_epochs: Math.max(train?.x.length ?? 0, val?.x.length ?? 0),
    ...(train && named("train", shapeOf(train))),
    ...(val && named("val", shapeOf(val))),
  };
  if (found.train_end !== undefined && found.val_end !== undefined) {
    Object.assign(found, comparable(gapOf(train, val, found), found));
  }
  for (const part of ["train", "val"]) {
    const score = history[`${part}_score`];
    if (has(score)) Object.assign(found, named(`${part}_score`, levelsOf(score, history)));
  }
  return Object.assign(found, ofRows(found), rateLeft(history), ofChance(found));
}

/** The curves with values beyond all computing as not finite, and those next to nothing as 0. */
function bounded(history) {
  const there = CURVES.filter((name) => history[name]);
  return Object.fromEntries(
    there.map((name) => {
      const { x, y } = history[name];
      return [name, { x, y: numbers(y.length, (i) => inBounds(y[i])) }];
    }),
  );
}

function inBounds(value) {
  const size = Math.abs(value);
  if (size > MOST) return value > 0 ? Infinity : -Infinity;
  return size < LEAST ? 0 : value;
}

/** The points of a curve whose value is finite. */
function finiteOf({ x, y }) {
  const places = new Float64Array(y.length);
  const values = new Float64Array(y.length);
  let count = 0;
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) continue;
    places[count] = x[i];
    values[count++] = y[i];
  }
  return { x: places.subarray(0, count), y: values.subarray(0, count) };
}

function has(curve) {
  return Boolean(curve) && curve.y.length > 0;
}

function named(part, values) {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`${part}_${key}`, value]),
  );
}

function guessedRows({ val_score: score, score_name: name }) {
  return has(score) && name === "accuracy" ? rows(score.y) : null;
}

/** How many rows the score has lost since its best. */
function ofRows(found) {
  if (!found.n_val || found.score !== "accuracy" || !(found.val_score_high <= 1)) return {};
  const missed = Math.abs(found.val_score_best - found.val_score_end) * found.n_val;
  return { score_rows: whole(missed) };
}

function rateLeft({ learning_rate: rate }) {
  if (!has(rate) || !rate.y.every(Number.isFinite)) return {};
  const { most } = extremes(rate.y);
  return most > 0 ? { rate_left: rate.y.at(-1) / most } : {};
}

/** The rows that carry the loss, and how probable each main verdict is. */
function ofChance(found) {
  const all = found.n_val || LIMITS.usual_rows;
  if (found.val_climb === undefined || found.val_points < LIMITS.few_points) return { n_rows: all };
  const begun = Math.max(found.val_first, found.train_first ?? 0);
  const carrying = all * clip(found.val_end / begun, LIMITS.least_carrying, 1);
  return {
    n_rows: all,
    n_carrying: carrying,
    ...chances({ ...found, n_rows: all, n_carrying: carrying }),
  };
}

/** Training and validation, and what they are: "loss" or "error", 1 minus the score. */
function lossesOf(history) {
  const {
    train_loss: train,
    val_loss: val,
    train_score: trainScore,
    val_score: valScore,
  } = history;
  if (has(val) || !has(valScore)) {
    return { train: has(train) ? train : null, val: has(val) ? val : null, kind: "loss" };
  }
  const better = history.higher_is_better;
  const error = ({ x, y }) => ({ x, y: better ? numbers(y.length, (i) => 1 - y[i]) : y });
  return { train: has(trainScore) ? error(trainScore) : null, val: error(valScore), kind: "error" };
}

/** Both curves, lifted above 0 where they are not, by how much, and whether they go below. */
function aboveZero({ train, val }) {
  const { least, most } = extremesOfBoth(train, val);
  if (!(least <= 0 && least > -Infinity)) return { train, val, shift: 0, isBelow: false };
  const firsts = [train, val].filter(Boolean).map(({ y }) => y.find(Number.isFinite) ?? 0);
  const size = Math.max(...firsts.map(Math.abs)) || Math.max(most, -least) || 1;
  const isBelow = least <= -1e-6 * size;
  const shift = Math.max(1e-9 * size, isBelow ? (most - least) / 2 : 0) - least;
  const lifted = (curve) =>
    curve && { x: curve.x, y: numbers(curve.y.length, (i) => curve.y[i] + shift) };
  return { train: lifted(train), val: lifted(val), shift, isBelow };
}

/** Whether a curve does not begin with the run: the log was cut, or training resumed. */
function beginsLate({ x }) {
  return x.length > 1 && x[0] > 1.5 * (x[1] - x[0]);
}

function extremesOfBoth(...curves) {
  const all = curves.filter(Boolean).map(({ y }) => extremes(y));
  return {
    least: Math.min(...all.map(({ least }) => least)),
    most: Math.max(...all.map(({ most }) => most)),
  };
}

/** The lowest and the highest of the finite values. */
function extremes(y) {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < y.length; i++) {
    const value = y[i];
    if (value < least && value > -Infinity) least = value;
    if (value > most && value < Infinity) most = value;
  }
  return { least, most };
}

function clip(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** What a curve does up to its first value that is not finite. */
function shapeOf({ x, y }) {
  const bad = y.findIndex((value) => !Number.isFinite(value));
  const until = bad < 0 ? y.length : bad;
  const recovers = bad >= 0 && Number.isFinite(y.at(-1));
  const found = { points: y.length, not_finite: bad < 0 ? null : x[bad], recovers };
  if (until === 0) return found;
  const begun = y.subarray(0, until);
  const { least: bottom, most: top } = extremes(begun);
  const [places, values] = thin(x.subarray(0, until), begun);
  const shape = turn(places, values);
  const leap =
    values.reduce((most, value, i) => Math.max(most, i ? value / values[i - 1] : 1), 1) - 1;
  const rise = shape.first > 0 ? shape.end / shape.first : 1;
  const noiseOfClimb = shape.climb_noise * asJumps(shape);
  return { ...found, top, bottom, ...shape, climb_noise: noiseOfClimb, leap, rise };
}

/** What turns the noise of a climb to many times the lowest into that of its logarithm. */
function asJumps({ climb, jumps, noise }) {
  return climb >= LIMITS.climb_far && jumps < noise ? jumps / noise : 1;
}

/** How many times the training loss the validation loss is, at the end and before. */
function gapOf(train, val, found) {
  const { train_end: low, val_end: high } = found;
  const { below, above } = alignedOf(train, val);
  const values = {
    gap: Math.log(high / Math.max(low, 1e-9 * high)),
    gap_distance: high - low,
    gap_share: (high - low) / found.val_first,
    ...(below.length > 3 && { gap_mode: Math.max(0, quantile(behindOf(below, above), 0.9)) }),
  };
  const all = numbers(below.length, (i) => Math.log(above[i] / below[i]));
  const [, ratio] = thin(all, all);
  if (!ratio.length) return values;
  const some = Math.max(1, whole(0.1 * ratio.length));
  const begins = Math.floor(ratio.length / 2);
  const middle = median(ratio.subarray(begins, begins + some));
  const gapFirst = median(ratio.subarray(0, Math.max(1, whole(0.02 * ratio.length))));
  return {
    ...values,
    gap_first: gapFirst,
    gap_trend: median(ratio.subarray(-some)) - middle,
  };
}

/** What gapOf found; of losses on two scales only by how much they differ. */
function comparable(values, found) {
  const least = Math.min(-values.gap, -(values.gap_first ?? 0));
  const differs = found.kind === "loss" && !blewUp(found) && least >= Math.log(LIMITS.scale);
  return differs ? { other_scale: least } : values;
}

/** By how much training lags behind validation half an epoch before: logarithms of ratios. */
function behindOf(below, above) {
  return numbers(below.length - 1, (i) => Math.log(below[i + 1] / ((above[i + 1] + above[i]) / 2)));
}

/** Both losses at the epochs of `val`: of training, the mean since the one before. */
function alignedOf(train, val) {
  const below = new Float64Array(val.x.length);
  const above = new Float64Array(val.x.length);
  let count = 0;
  let total = 0;
  let until = 0;
  for (let i = 0; i < val.x.length; i++) {
    const before = total;
    const since = until;
    while (until < train.x.length && train.x[until] <= val.x[i] + 1e-9) total += train.y[until++];
    below[count] = (total - before) / (until - since);
    above[count] = val.y[i];
    if (isUsable(below[count]) && isUsable(above[count])) count++;
  }
  return { below: below.subarray(0, count), above: above.subarray(0, count) };
}

function isUsable(value) {
  return value > 0 && value < Infinity;
}

/** A score's first, lowest, highest, best and last level, the last of a tenth's mean. */
function levelsOf(score, { higher_is_better: better }) {
  const { y } = finiteOf(score);
  if (!y.length) return {};
  const { least, most } = extremes(y);
  return {
    begins: score.x[0],
    first: y[0],
    points: y.length,
    low: least,
    high: most,
    best: better ? most : least,
    end: mean(y.subarray(-Math.max(1, whole(END * y.length)))),
  };
}

// The verdicts on these numbers

/** The verdicts, ranked. */
function judge(found) {
  const faults = [diverging, sureLeak, brokenSplit, nothingLearned].flatMap((rule) => rule(found));
  const isThere = (...names) => faults.some(({ name }) => names.includes(name));
  const all = isThere("diverging", "nothing learned") ? [] : mainVerdicts(found);
  const main = isThere("leak") ? all.filter(({ name }) => name !== "level") : all;
  if (tooLittle(found) === "score as loss") return [...faults, ...main];
  const jumps = unstable(found);
  return [
    ...faults,
    ...(main[0]?.name === "cannot tell" ? [...jumps, ...main] : [...main, ...jumps]),
    ...validationBetter(found),
    ...(isThere("broken split") ? [] : differentParts(found)),
    ...possibleLeak(found),
  ];
}

function verdictOf(name, confidence, found, key = name, more = {}) {
  const said = sentence(key, found, more);
  return { name, confidence, sentence: said, evidence: evidenceFor(name, found) };
}

function diverging(found) {
  for (const part of ["train", "val"]) {
    const from = found[`${part}_not_finite`] ?? null;
    if (from === null) continue;
    return found[`${part}_recovers`]
      ? [verdictOf("diverging", "moderate", found, `diverging: ${part}, for a time`)]
      : [verdictOf("diverging", "high", found, `diverging: ${part}`)];
  }
  if (blewUp(found) && found.val_rise >= LIMITS.rise) {
    return [verdictOf("diverging", "moderate", found, "diverging: at once")];
  }
  const rise = found.train_rise ?? 0;
  if (rise < LIMITS.rise || found.train_is_batch || found.kind === "error") return [];
  if (looksLikeAScore(found)) return [];
  return [verdictOf("diverging", rise >= LIMITS.surely_rises ? "high" : "moderate", found)];
}

/** Whether training blew up within the first epoch: validation, at its end, is far below. */
function blewUp(found) {
  if (found.train_is_batch || found.kind === "error" || found.train_first === undefined) {
    return false;
  }
  const later = Math.max(found.val_first ?? Infinity, found.train_middle);
  return found.train_first >= LIMITS.blown_up * later && !found.is_cut;
}

/** Whether the training "loss" rises as a score or a percentage does. */
function looksLikeAScore(found) {
  const { train_first: first, train_end: end, shift } = found;
  const top = Math.max(found.train_top, found.val_top ?? 0) - shift;
  const bottom = Math.min(found.train_bottom, found.val_bottom ?? Infinity) - shift;
  const asPercent =
    bottom >= LIMITS.percent_bottom && top <= 100 && found.train_middle > (first + end) / 2;
  return end > first && ((bottom >= -1e-9 && top >= LIMITS.score_top && top <= 1) || asPercent);
}

function sureLeak(found) {
  return found.n_rows >= LIMITS.leak_rows ? leak(found, "moderate") : [];
}

function possibleLeak(found) {
  return found.n_rows < LIMITS.leak_rows ? leak(found, "low") : [];
}

/** Too good after the first epoch. Among few rows, all may well be right without a leak. */
function leak(found, confidence) {
  const early = found.score === "accuracy" && (found.val_score_begins ?? 2) <= 1;
  const sure = early && found.val_score_first >= LIMITS.leak;
  return sure ? [verdictOf("leak", confidence, found)] : [];
}

/** Worse than guessing: the share of right answers of a guess is exp(-first training loss). */
function brokenSplit(found) {
  const { val_score_high: high, train_first: first, score } = found;
  if (high === undefined || first === undefined || score !== "accuracy") return [];
  if (found.is_cut || found.kind !== "loss") return [];
  const guess = Math.exp(-first);
  const error = guess > 0 && guess < 1 ? Math.sqrt((guess * (1 - guess)) / found.n_rows) : 1;
  const worse = high < Math.min(LIMITS.chance * guess, guess - LIMITS.chance_errors * error);
  const learned = found.train_end < LIMITS.split_left * first;
  return worse && learned ? [verdictOf("broken split", "moderate", found)] : [];
}

function nothingLearned(found) {
  const right = Math.max(found.train_score_end ?? 0, found.val_score_first ?? 0);
  if (right >= LIMITS.leak && found.score === "accuracy") return [];
  if (found.train_end === undefined || found.n_epochs < LIMITS.few_points) return [];
  const fallen = fallenOf(found);
  if (isOneAnswer(found, fallen < LIMITS.hardly)) {
    return [verdictOf("nothing learned", "high", found, "nothing learned: one answer")];
  }
  if (isAtChance(found)) {
    return [verdictOf("nothing learned", "moderate", found, "nothing learned: chance")];
  }
  if (found.is_cut || found.train_end > found.train_first * LIMITS.rise) return [];
  if (fallen >= LIMITS.learned || knewBefore(found)) return [];
  return [verdictOf("nothing learned", "moderate", found)];
}

/** By which share of its first value the loss falls that falls most. */
function fallenOf(found) {
  const falls = ["train", "val"]
    .filter((part) => found[`${part}_first`] > 0)
    .map((part) => 1 - found[`${part}_low`] / found[`${part}_first`]);
  return falls.length ? Math.max(...falls) : 1;
}

/** Whether most answers are right from the first epoch on, and not all by one answer. */
function knewBefore(found) {
  const moves = (found.val_score_high ?? 0) > (found.val_score_low ?? 0);
  return found.score === "accuracy" && (found.val_score_first ?? 0) >= LIMITS.knew && moves;
}

/** Whether, after a first epoch that blew up, the answers stay as good as guessing. */
function isAtChance(found) {
  const { val_score_end: right, val_end: end } = found;
  if (!blewUp(found) || found.score !== "accuracy" || right === undefined) return false;
  const guess = Math.exp(-end);
  const error = Math.sqrt((guess * (1 - guess)) / found.n_rows);
  const flat = Math.abs(1 - end / found.val_middle) < LIMITS.hardly;
  return flat && right < guess + LIMITS.chance_errors * error;
}

/** Whether the validation score never moves, and nor does what is known of training. */
function isOneAnswer(found, flat) {
  const stuck = (found.val_score_low ?? 0) === (found.val_score_high ?? 1);
  if (!stuck || found.val_score_points < LIMITS.few_points) return false;
  const moved = (found.train_score_high ?? 1) - (found.train_score_low ?? 0);
  const rests = found.kind === "loss" && (found.val_fall ?? 1) < LIMITS.fall;
  return flat || (rests && moved < LIMITS.hardly);
}

/** The most probable of the main verdicts, or that they cannot be told, and which. */
function mainVerdicts(found) {
  const unsure = (key, more) => verdictOf("cannot tell", "high", found, key, more);
  const reason = tooLittle(found);
  if (reason) return [unsure(`cannot tell: ${reason}`)];
  const probable = (name) => found[`p_${name}`];
  const best = MAIN.reduce((most, name) => (probable(name) > probable(most) ? name : most));
  const spared = ["improving", "level"].includes(best) && found.p_overfitting > LIMITS.spare;
  const key = whyNot(best, spared, found);
  if (key) return [unsure(`cannot tell: ${key}`)];
  if (probable(best) >= LIMITS[`sure_${best}`] && !spared) {
    return [verdictOf(best, confidenceOf(probable(best)), found)];
  }
  const likely = leftOpen(probable, spared);
  const candidates = likely.map((name) => `${name} (${whole(100 * probable(name))}%)`).join(" or ");
  const open = likely.slice(0, 2).map((name) => candidate(name, probable(name), found));
  return [unsure("cannot tell", { candidates }), ...open];
}

/** Why the likeliest verdict is not given, however probable it is, or null. */
function whyNot(best, spared, found) {
  if (found.gap === undefined && ["gap", "level"].includes(best) && !spared) {
    return found.other_scale === undefined ? "no training" : "other scale";
  }
  if (best === "level" && isHardlyBegun(found)) return "hardly begun";
  if (best === "overfitting" && bothRise(found)) return "both rise";
  return isWithinNoise(best, found) ? `noise in ${best}` : null;
}

/** Whether the losses have come down by so little that "level" would be praise. */
function isHardlyBegun(found) {
  const began = found.gap !== undefined && !found.is_cut && !knewBefore(found);
  return began && fallenOf(found) < LIMITS.hardly;
}

/** The likely names, two at least, and overfitting where it alone forbids the first. */
function leftOpen(probable, spared) {
  const ranked = [...MAIN].sort((a, b) => probable(a) - probable(b)).reverse();
  const isLikely = (name) =>
    probable(name) >= LIMITS.left_open || (spared && name === "overfitting");
  return ranked.filter((name, i) => i < 2 || isLikely(name));
}

/** A verdict that is left open; its numbers are the evidence of "cannot tell". */
function candidate(name, share, found) {
  const said = sentence("candidate", found, { probability: percent(share) });
  return { name, confidence: "low", sentence: said, evidence: [] };
}

/** Whether training has climbed as much as validation, and since then: not overfitting. */
function bothRise(found) {
  const climb = found.train_climb ?? 0;
  const least = LIMITS.climb_least * (found.train_climb_noise ?? 0);
  const since = (found.train_best_low ?? Infinity) <= found.val_best_high;
  return !found.train_is_batch && since && climb >= Math.max(found.val_climb, least);
}

/** Whether noise between epochs alone could give the climb, or the fall, that is seen. */
function isWithinNoise(name, found) {
  if (name === "overfitting") {
    return found.val_climb < LIMITS.climb_least * found.val_climb_noise;
  }
  return name === "improving" && found.val_fall < LIMITS.fall_least * found.val_fall_noise;
}

/** Why nothing can be said about validation, or null. */
function tooLittle(found) {
  if (!found.val_points) return found.n_epochs === 0 ? "no validation" : "one curve";
  if (found.val_points < LIMITS.few_points) return "few points";
  return found.train_end !== undefined && risesAsAScore(found) ? "score as loss" : null;
}

function risesAsAScore(found) {
  return found.kind === "loss" && found.train_rise > LIMITS.score_rise && looksLikeAScore(found);
}

function confidenceOf(probability) {
  return ["high", "moderate"].find((level) => probability >= LIMITS[level]) ?? "low";
}

/**
 * Jumps are not the rate's fault in training alone (dropout), nor of a loss near 0.
 * Nor is a steep fall within few epochs: what jumps also rises.
 */
function unstable(found) {
  if (found.train_end === undefined || found.train_is_batch) return [];
  const jumps =
    Math.min(found.train_noise, found.val_noise ?? Infinity) >= LIMITS.unstable &&
    found.train_leap >= LIMITS.unstable;
  const counts = (found.train_end ?? 0) > LIMITS.unstable_left * (found.train_first ?? Infinity);
  return jumps && counts ? [verdictOf("unstable", "moderate", found)] : [];
}

function validationBetter(found) {
  const better = -Math.expm1(found.gap ?? 0) >= LIMITS.better;
  return better ? [verdictOf("validation better", "moderate", found)] : [];
}

/** Different data in the two parts: the gap is there from the start and stays. */
function differentParts(found) {
  const { gap, gap_first: first } = found;
  if (first === undefined || found.is_cut || found.n_epochs < LIMITS.few_points) return [];
  const wide = first >= Math.log(LIMITS.parts);
  const stays = Math.abs(gap - first) < Math.log(LIMITS.parts_trend);
  if (!wide || !stays) return [];
  return [verdictOf("broken split", "low", found, "broken split: parts differ")];
}

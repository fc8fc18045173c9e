// How probable each of the four main verdicts is: three questions, a logistic regression each;
// chances.py does the same in Python, and says why. The weights stand in rules.json.
import { LIMITS, RULES } from "./words.js";

export const MAIN = ["overfitting", "improving", "gap", "level"];
const { models: MODELS, measures: MEASURES } = RULES;

/** The standard errors of climb, fall and gap, and the probability p_* of each of MAIN. */
export function chances(found) {
  const errors = standardErrors(found);
  const asked = measuresOf({ ...found, ...errors });
  const [turned, falls, wide] = MAIN.slice(0, 3).map((name) => answer(MODELS[name], asked));
  const improves = (1 - turned) * falls;
  const hasGap = (1 - turned) * (1 - falls) * wide;
  return {
    ...errors,
    p_overfitting: turned,
    p_improving: improves,
    p_gap: hasGap,
    p_level: 1 - (turned + improves + hasGap),
  };
}

/** By how much other validation rows, and other noise, would move climb, fall and gap. */
function standardErrors(found) {
  const n = Math.max(LIMITS.fewest_rows, found.n_rows);
  const root = Math.sqrt(found.n_carrying + 1);
  const climbRows = Math.hypot(
    (LIMITS.climb_size * Math.max(found.val_climb, 0)) / root,
    LIMITS.climb_rows / root,
  );
  const byNoise = LIMITS.climb_noise * found.val_climb_noise;
  return {
    climb_rows: climbRows,
    climb_error: Math.hypot(LIMITS.climb_floor, byNoise, climbRows),
    fall_error: Math.hypot(
      LIMITS.fall_floor,
      LIMITS.fall_noise * found.val_fall_noise,
      (LIMITS.fall_size * found.val_fall) / Math.sqrt(n),
      LIMITS.fall_rows / root,
    ),
    gap_error: Math.hypot(
      LIMITS.gap_floor,
      LIMITS.gap_size / Math.sqrt(n),
      LIMITS.gap_rows / root,
      LIMITS.gap_mode * (found.gap_mode ?? 0),
    ),
  };
}

/** The measures that the models weigh, each within the values that count, or its usual value. */
function measuresOf(found) {
  const given = { ...ofValidation(found), ...ofTraining(found), ...ofAccuracy(found) };
  return Object.fromEntries(
    Object.entries(MEASURES).map(([name, { usual }]) => [name, within(name, given[name] ?? usual)]),
  );
}

function within(name, value) {
  return Math.min(Math.max(value, MEASURES[name].least), MEASURES[name].most);
}

function ofValidation(found) {
  const turned = Math.log1p(LIMITS.climb);
  const fall = (found.val_fall - LIMITS.fall) / found.fall_error;
  return {
    climb: (found.val_climb - turned) / found.climb_error,
    "climb at the end": (found.val_last_climb - turned) / found.climb_error,
    fall,
    "fall squared": fall * fall,
    "fall at the end": (found.val_last_fall - LIMITS.fall) / found.fall_error,
    points: Math.log(found.val_points),
    "since the lowest": found.val_since,
    noise: Math.log(Math.max(found.val_noise, LIMITS.least_noise)),
  };
}

function ofTraining(found) {
  if (found.gap === undefined) return {};
  const { train_fall: fall, gap_mode: mode = 0 } = found;
  const gap = found.gap + LIMITS.gap_shift * mode;
  const follows = within("follows", found.val_fall / Math.max(fall, LIMITS.least_fall));
  return {
    "gap in errors": (gap - Math.log(LIMITS.gap)) / found.gap_error,
    distance: isInNats(found) ? found.gap_distance : found.gap_share,
    "training left": Math.log(Math.max(found.train_end / found.train_first, 1e-9)),
    "training fall": fall,
    "training fall, log": Math.log(Math.max(fall, LIMITS.least_fall)),
    "training since the lowest": found.train_since,
    follows,
    "follows, by rows": follows * Math.log(found.n_rows / LIMITS.some_rows),
    "training noise": Math.log(Math.max(found.train_noise, LIMITS.least_noise)),
  };
}

/** Whether the loss is a cross-entropy in nats: a wrong answer then costs ln 2 at least. */
function isInNats({ score, kind, val_end: end, val_score_end: right }) {
  if (score !== "accuracy" || kind !== "loss" || right === undefined) return false;
  return right >= 0 && right <= 1 && end >= LIMITS.nats * (1 - right);
}

function ofAccuracy({ score, train_score_end: right }) {
  return score === "accuracy" && right !== undefined ? { "training accuracy": right } : {};
}

/** The probability that a logistic regression gives. */
function answer({ base, weights }, asked) {
  const weighed = Object.entries(weights).map(([name, weight]) => weight * asked[name]);
  return 1 / (1 + Math.exp(-(base + weighed.reduce((total, value) => total + value, 0))));
}

// The words of a diagnosis: numbers as a reader wants them, and the sentences of rules.json;
// words.py has the same in Python.
import { whole } from "./measures.js";
import RULES from "./rules.json" with { type: "json" };

export { RULES };
export const LIMITS = Object.fromEntries(
  Object.entries(RULES.limits).map(([name, { value }]) => [name, value]),
);
export const NUMBERS = RULES.numbers;
const TIMES = { 1: "once", 2: "twice" };

/** A whole number with its thousands marked: 1,234. */
export function counted(value) {
  return String(BigInt(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A number with this many decimals, halves away from 0. */
function rounded(value, digits) {
  const scale = 10 ** digits;
  const text = (whole(Math.abs(value) * scale) / scale).toFixed(digits);
  return value < 0 && Number(text) ? `-${text}` : text;
}

/** A number with three digits that count: 0.00123, 0.457, 12.3, 1,234, 1.2e-7. */
export function numberText(value) {
  if (!Number.isFinite(value)) return "not finite";
  if (Math.abs(value) < 1e-300) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)) + 1e-12);
  if (size < -5 || size > 8) return `${rounded(value / Number(`1e${size}`), 1)}e${size}`;
  return size >= 3 ? counted(whole(value)) : rounded(value, 2 - size);
}

/** A score with three decimals, a large one with three digits that count. */
export function scoreText(value) {
  return Math.abs(value) < 100 ? rounded(value, 3) : numberText(value);
}

/** A share as a percentage: 0.3%, 4.1%, 37%, 1,200%. */
export function percent(share) {
  const size = Math.abs(share) * 100;
  if (size < 1000) return `${rounded(share * 100, size < 9.95 ? 1 : 0)}%`;
  return size < 1e6 ? `${counted(whole(share * 100))}%` : "more than 1,000,000%";
}

/** An epoch as it was logged: 12, 0.5; the middle of a block of epochs as a whole one. */
export function epochText(value) {
  const isWhole = Number.isInteger(value) || value >= 10;
  return isWhole ? counted(whole(value)) : rounded(value, 2);
}

/** A factor, given its logarithm: 0.45, 1.4, 12, more than 1,000. */
export function times(logRatio) {
  const ratio = Math.exp(Math.min(logRatio, 30));
  if (ratio > 1000) return "more than 1,000";
  if (ratio < 0.995) return rounded(ratio, 2);
  return rounded(ratio, ratio < 9.95 ? 1 : 0);
}

/** The sentence of rules.json for a verdict, its numbers filled in. */
export function sentence(key, found, more = {}) {
  return filled(RULES.sentences[key], { ...wordsFor(found), ...more });
}

/** The sentences with the numbers that a verdict rests on. */
export function evidenceFor(name, found) {
  const said = wordsFor(found);
  return keysFor(name, found).map((key) => filled(RULES.evidence[key], said));
}

function filled(text, said) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    if (said[name] === undefined) throw new Error(`nothing to say for ${name}`);
    return said[name];
  });
}

/** The numbers in words, by the names that the sentences use. */
function wordsFor(found) {
  const { kind } = found;
  return {
    short: kind,
    loss: `validation ${kind}`,
    n_rows: counted(found.n_rows),
    learned: percent(LIMITS.learned),
    hardly: percent(LIMITS.hardly),
    ...ofACurve(found, "train"),
    ...ofACurve(found, "val"),
    ...each(found, ["climb_error", "climb_rows", "rate_left"], percent),
    ...each(found, ["fall_error"], (value) =>
      percent(value / Math.max(1 + found.val_fall, 0.1) ** 2),
    ),
    ...each(
      found,
      ["p_overfitting", "p_improving", "p_gap", "p_level"],
      (value) => `${whole(100 * value)}%`,
    ),
    ...each(found, ["gap", "gap_first", "other_scale"], times),
    ...(found.train_first !== undefined &&
      found.val_first !== undefined && {
        blown_up: numberText(found.train_first / Math.max(found.val_first, 1e-300)),
      }),
    ...(found.train_first !== undefined && {
      guess: rounded(Math.exp(-found.train_first), 2),
      score_top: found.train_top - found.shift <= 1 ? "1" : "100",
    }),
    ...(found.gap !== undefined && { better: percent(-Math.expm1(found.gap)) }),
    ...each(found, ["score_rows"], (value) => `${counted(value)} row${value === 1 ? "" : "s"}`),
  };
}

/** What is said of a curve's numbers, those of "train" or "val". */
function ofACurve(found, part) {
  const names = (...all) => all.map((name) => `${part}_${name}`);
  return {
    ...each(found, names("best_epoch", "best_low", "best_high", "not_finite"), epochText),
    ...each(found, names("first", "low", "end", "risen", "last"), (value) =>
      numberText(value - found.shift),
    ),
    ...each(found, names("climb"), (value) => percent(Math.expm1(value))),
    ...each(found, names("climb_noise", "noise"), percent),
    ...each(found, names("fall"), (value) => percent(Math.abs(value) / Math.max(1 + value, 0.1))),
    ...each(found, names("rise"), (value) => times(Math.log(value))),
    ...each(found, names("score_first", "score_end", "score_best", "score_high"), scoreText),
    ...each(found, names("points"), (value) => TIMES[value] ?? `${counted(value)} times`),
  };
}

/** What `say` makes of the numbers that are there. */
function each(found, names, say) {
  const there = names.filter((name) => found[name] !== undefined && found[name] !== null);
  return Object.fromEntries(there.map((name) => [name, say(found[name])]));
}

/** The names of the sentences that are evidence for a verdict. */
function keysFor(name, found) {
  const keys = [];
  if (found.kind === "error") keys.push(found.higher ? "as error" : "as error: lower is better");
  if (found.below_zero) keys.push("below zero");
  if (found.train_is_batch) keys.push("batch");
  if (name === "unstable") return found.val_noise === undefined ? keys : [...keys, "noise"];
  if (name === "diverging" || name === "nothing learned") {
    const first = (found.train_not_finite ?? null) === null ? "first" : "first: until";
    return found.train_end === undefined ? keys : [...keys, first];
  }
  if (["broken split", "leak", "validation better"].includes(name)) {
    return found.gap === undefined ? keys : [...keys, "gap"];
  }
  if (found.p_level === undefined || found.val_points < LIMITS.few_points) return keys;
  return [...keys, ...keysOfMain(name, found)];
}

function keysOfMain(name, found) {
  const isSharp = epochText(found.val_best_low) === epochText(found.val_best_high);
  const keys = [isSharp ? "best: sharp" : "best", "climb", keyOfRows(found)];
  if (["improving", "level", "cannot tell"].includes(name)) {
    keys.push(found.val_fall >= 0 ? "fall" : "fall: rises");
  }
  if (endsInAJump(found)) keys.push("last");
  if (found.gap !== undefined) {
    keys.push("gap");
    if (name === "overfitting" || name === "gap") {
      keys.push(`gap: ${direction(found)}`);
    }
  }
  if ((found.rate_left ?? 1) < LIMITS.frozen) keys.push("rate");
  if (name !== "improving" && found.val_score_end !== undefined) {
    keys.push(found.score_rows > 0 ? "score" : "score: no rows");
  }
  if (name !== "cannot tell") keys.push("chances");
  return keys;
}

/** Whether the last value lies off the smooth curve by more than noise explains. */
function endsInAJump(found) {
  if (Math.min(found.val_last, found.val_expected) <= 0) return false;
  const off = Math.abs(Math.log(found.val_last / found.val_expected));
  return off >= Math.max(Math.log(1 + LIMITS.unstable), LIMITS.climb_least * found.val_noise);
}

/** Where the gap goes; with validation below training, a rising ratio narrows it. */
function direction(found) {
  const trend = found.gap_trend ?? 0;
  if (Math.abs(trend) < Math.log(LIMITS.widens)) return "steady";
  return trend > 0 === found.gap > 0 ? "widening" : "narrowing";
}

function keyOfRows(found) {
  if (!found.n_val) return "rows: unknown";
  return found.n_val_is_guess ? "rows: guessed" : "rows";
}

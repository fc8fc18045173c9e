// What the name of a column says: training or validation, loss or score, or neither.
// The words stand in names.json, which columns.py reads, too.
/* oxlint-disable no-control-regex -- names are freed from them */
import WORDS from "./names.json" with { type: "json" };

export const PHASES = new Map(
  Object.entries(WORDS.phases).flatMap(([phase, words]) => words.map((word) => [word, phase])),
);
const SCORES = new Map(WORDS.scores.flatMap((score) => score.words.map((word) => [word, score])));
export const SCORES_BY_NAME = new Map(WORDS.scores.map((score) => [score.name, score]));
export const RANK = new Map(WORDS.scores.map((score, rank) => [score.name, rank]));
const PHRASES = longestFirst([...SCORES.keys(), ...WORDS.loss]);
export const KNOWN = new Set([...PHRASES, ...PHASES.keys()].flatMap((phrase) => phrase.split(" ")));
const LISTS = ["epoch", "step", "neutral", "epoch_grain", "step_grain", "learning_rate", "ignored"];
export const VOCABULARY = new Set([
  ...KNOWN,
  ...LISTS.flatMap((key) => WORDS[key].flatMap((phrase) => phrase.split(" "))),
]);
const GLUED = new RegExp(
  `^(${longestFirst([...PHASES.keys()]).join("|")})` +
    `(${PHRASES.filter((phrase) => !phrase.includes(" ")).join("|")})$`,
);
const NAME_LIMIT = 60; // characters of a name that a note quotes
const CACHE_LIMIT = 10_000;
const cache = new Map();

export { WORDS };

function longestFirst(words) {
  return words.sort((a, b) => b.length - a.length || (a < b ? -1 : Number(a > b)));
}

/** Quotes a name in a note: as plain text, short, on one line. */
export function quoted(name) {
  const text = trimmed(
    String(name).replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " "),
    " ",
  );
  const points = Array.from(text.slice(0, 4 * NAME_LIMIT));
  return `“${points.slice(0, NAME_LIMIT).join("")}${points.length > NAME_LIMIT ? "…" : ""}”`;
}

/** A text without the given letters at its ends. */
export function trimmed(text, letters) {
  let start = 0;
  let end = text.length;
  while (start < end && letters.includes(text[start])) start++;
  while (end > start && letters.includes(text[end - 1])) end--;
  return text.slice(start, end);
}

/** Writes names as a list: quoted, the first eight of them. */
export function listed(names, limit = 8) {
  const unique = [...new Set(names)];
  const more = unique.length > limit ? ` and ${unique.length - limit} more` : "";
  return unique.slice(0, limit).map(quoted).join(", ") + more;
}

/** A whole number with separators. */
export function countText(value) {
  return value.toLocaleString("en-US");
}

/** An epoch in a note. */
export function numberText(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) {
    return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
  }
  const [mantissa, exponent] = value.toExponential(5).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)));
  const digits = String(Math.abs(power)).padStart(2, "0");
  return `${Number(mantissa)}e${power < 0 ? "-" : "+"}${digits}`;
}

/** Splits a name into words of lower-case letters and digits: "ValLoss" into val, loss. */
export function wordsOf(name) {
  const words = Array.from(String(name).slice(0, 400))
    .slice(0, 200)
    .join("")
    .replace(/([a-z])([A-Z][a-z])/g, "$1 $2")
    .replace(/([a-z]{2})([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .split(" ")
    .filter(Boolean);
  return words.flatMap((word) => GLUED.exec(word)?.slice(1) ?? [word]);
}

/** The first of the phrases that stands in the words of a text, or "". */
function find(phrases, text) {
  return phrases.find((phrase) => ` ${text} `.includes(` ${phrase} `)) ?? "";
}

/** The words of a text without those of a phrase. */
function without(text, phrase) {
  return ` ${text} `.replace(` ${phrase} `, " ").split(" ").filter(Boolean);
}

export function makeMeaning(kind, more = {}) {
  return { kind, phase: "", metric: "", part: "", grain: "", index: -1, ...more };
}

/**
 * What a name says. kind is "epoch", "step", "learning_rate", "loss", "score", "ignored" or
 * "unknown"; phase is "train", "val", "test" or ""; metric is the score's name; part holds the words
 * that are left, by which one loss differs from another; grain is "epoch", "step" or "".
 */
export function meaning(name) {
  let found = cache.get(name);
  if (!found) {
    if (cache.size >= CACHE_LIMIT) cache.clear();
    found = findMeaning(name);
    cache.set(name, found);
  }
  return found;
}

function findMeaning(name) {
  const words = wordsOf(name);
  const text = words.join(" ");
  if (WORDS.epoch.includes(text)) return makeMeaning("epoch");
  if (WORDS.step.includes(text)) return makeMeaning("step");
  if (find(WORDS.learning_rate, text)) return makeMeaning("learning_rate");
  if (find(WORDS.ignored, text)) return makeMeaning("ignored");
  return meaningOfMetric(words);
}

function meaningOfMetric(words) {
  const place = words.findIndex((word) => PHASES.has(word));
  const phase = place >= 0 ? PHASES.get(words[place]) : "";
  const isNumbered = place >= 0 && /^[0-9]$/.test(words[place + 1] ?? "");
  const index = isNumbered ? Number(words[place + 1]) : -1;
  const rest = words.filter((_, i) => i !== place && !(isNumbered && i === place + 1));
  const text = rest.join(" ");
  const metric = find(WORDS.loss, text) || find(PHRASES, text);
  const left = metric ? without(text, metric) : rest;
  const isGrain = (word) => WORDS.epoch_grain.includes(word) || WORDS.step_grain.includes(word);
  const last = left.filter(isGrain).at(-1);
  const grain = !last ? "" : WORDS.epoch_grain.includes(last) ? "epoch" : "step";
  const part = left
    .filter((word) => !isGrain(word) && !WORDS.neutral.includes(word) && !PHASES.has(word))
    .join(" ");
  if (WORDS.loss.includes(metric)) return makeMeaning("loss", { phase, part, grain, index });
  if (metric) {
    return makeMeaning("score", { phase, metric: SCORES.get(metric).name, part, grain, index });
  }
  if (phase && !part) return makeMeaning("loss", { phase, grain, index });
  return makeMeaning("unknown", { phase, part, grain, index });
}

// Lines of a log: the pairs of a name and a number in them, and the epoch to which they belong.
import {
  KNOWN,
  PHASES,
  VOCABULARY,
  WORDS,
  makeMeaning,
  meaning,
  numberText,
  wordsOf,
} from "./columns.js";
import { columnsOfRecords, makeTable, numberOf } from "./tables.js";

const W = "[\\p{L}\\p{N}_]";
const FIRST = `(?![0-9])${W}`;
const END = `(?!${W}|\\.${W})`;
const TOKEN = new RegExp(
  `([-+]?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)` +
    `(?:[eE][-+]?[0-9]+)?${END} ?%?` +
    `|[-+]?(?:nan|NaN|inf|Inf|Infinity)${END})` + // a number
    `|(${FIRST}${W}*(?:[/.'@+]${W}+|-(?=${FIRST})${W}+)*(?:\\(${W}{1,20}\\))?)` + // a word
    `|([0-9]${W}*(?:[./]${W}+)*|\\S)`, // a number with a unit, or another character
  "gu",
);
const PREFIX = /^\s*(?:\[([0-9]{1,9})(?:,\s*([0-9]{1,9}))?\][\s:]|([0-9]{1,9}):\s)/;
const AFTER_NAME = /[a-zA-Z)] ?[:=]? ?[0-9]+,[0-9]+/;
const FORMS = [
  ["Keras progress bar", /^(?:\s*[0-9]+\/[0-9]+ |[ -]{0,4}[0-9]+s - |[^\n]{0,20}[0-9]\/step)/u],
  ["LightGBM log", /^\s*\[[0-9]+\]\s[^\n]{0,80}'s /u],
  ["XGBoost log", /^\s*\[[0-9]+\]\s/],
  ["CatBoost log", /^[0-9]+:\s{1,4}learn: /],
  ["tqdm progress bar", /^[^\n]{0,2000}?(?:it\/s|s\/it)/u],
  ["Hugging Face console", /^\s*\{'(?:loss|eval_loss|train_runtime)'/],
];
const RUNNING = ["Keras progress bar", "tqdm progress bar"];
const SAMPLE = 1000; // lines that say the format
const LINE_END = 20_000; // characters of a line that are searched for pairs
const CACHE_LIMIT = 100_000; // words
const known = new Map();
const WORDS_BEFORE = 5; // words before a number that may be its name

/** Reads the pairs of name and number in the lines of a log; null if there are none. */
export function tableOfLog(lines) {
  const state = { epoch: null, first: null, of: null, done: null, heading: "", mean: false };
  const rows = [];
  const forms = new Map();
  const cache = new Map();
  const notes = [];
  let afterBest = false;
  let pointed = lines;
  if (hasDecimalCommas(lines.slice(0, SAMPLE))) {
    pointed = lines.map((line) => line.replace(/([0-9]),(?=[0-9])/g, "$1."));
    notes.push("Decimal commas were read as points.");
  }
  for (const line of pointed) {
    const row = afterBest ? [] : rowOf(line, state, cache);
    afterBest = line.trimEnd().endsWith(":") && line.toLowerCase().includes("best");
    if (row.length === 0) continue;
    rows.push(row);
    state.done = state.epoch;
    if (rows.length <= SAMPLE) {
      const form = formOf(line);
      forms.set(form, (forms.get(form) ?? 0) + 1);
    }
  }
  if (rows.length === 0) return null;
  countEpochs(rows);
  const form = [...forms].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
  const running = state.mean || RUNNING.includes(form);
  return makeTable(form, columnsOfRecords(rows), [...notes, ...unfinished(state)], running);
}

/** Whether numbers have commas (after "loss: "), and none has a point. */
function hasDecimalCommas(lines) {
  return (
    lines.some((line) => AFTER_NAME.test(line)) && !lines.some((line) => /[0-9]\.[0-9]/.test(line))
  );
}

function formOf(line) {
  return FORMS.find(([, pattern]) => pattern.test(line))?.[0] ?? "log file";
}

/** Says where a log ends before its last epoch. */
function unfinished({ epoch, of, done, first }) {
  if (done === null) return [];
  if (epoch > done) return [`The log ends in epoch ${numberText(epoch)} without its numbers.`];
  if (of && done < of - Number(first === 0)) {
    return [`The log ends at epoch ${numberText(done)} of ${numberText(of)}.`];
  }
  return [];
}

function isPlace(name) {
  return name === "epoch" || name === "step";
}

/** Where no line says its epoch, counts how often its names have occurred. */
function countEpochs(rows) {
  if (rows.some((row) => row.some(([name]) => isPlace(name)))) return;
  const seen = new Map();
  for (const row of rows) {
    let most = 0;
    for (const [name] of row) {
      seen.set(name, (seen.get(name) ?? 0) + 1);
      most = Math.max(most, seen.get(name));
    }
    row.push(["epoch", [most, false]]);
  }
}

/** Reads a line: a list of name and [value, percent]; the epoch goes into the state, too. */
function rowOf(line, state, cache) {
  const found = prefixOf(line);
  let phase = state.heading;
  let words = [];
  state.heading = "";
  const text = line.length > LINE_END ? [...line].slice(0, LINE_END).join("") : line;
  const tokens = [...text.matchAll(TOKEN)];
  tokens.forEach(([, number, word, other], i) => {
    if (word) words.push(word);
    else if (number) {
      const key = keyOf(words, cache);
      words = [];
      if (!key) return;
      const [name, what] = key;
      phase = what.phase || phase;
      const [value, isMean] = valueOf(tokens, i, what.kind);
      state.mean ||= isMean;
      if (what.kind === "epoch") state.of = totalOf(tokens, i) || state.of;
      found.push([name, what, phase, value]);
    } else if (",;|{}&".includes(other) || [...other].length > 1) words = [];
  });
  if (!found.length && words.length && line.trimEnd().endsWith(":")) {
    state.heading = meaning(words.slice(0, 3).join(" ")).phase;
  }
  return named(found, state);
}

/** Reads the round in front of a line: [7], [1, 2000] or 7:. */
function prefixOf(line) {
  const match = PREFIX.exec(line);
  if (!match) return [];
  const found = [["epoch", makeMeaning("epoch"), "", [Number(match[1] ?? match[3]), false]]];
  if (match[2]) found.push(["step", makeMeaning("step"), "", [Number(match[2]), false]]);
  return found;
}

/** The name that the words before a number end with, and its meaning; or null. */
function keyOf(words, cache) {
  const end = words.findLastIndex((word) => !WORDS.fillers.includes(word)) + 1;
  if (end === 0) return null;
  const near = words.slice(0, end).slice(-WORDS_BEFORE);
  const last = near.filter((word, i) => i === near.length - 1 || isKnown(word));
  const text = last.join(" ");
  if (!cache.has(text)) {
    if (cache.size > CACHE_LIMIT) cache.clear();
    cache.set(text, findKey(last));
  }
  return cache.get(text);
}

function isKnown(word) {
  if (!known.has(word)) {
    if (known.size > CACHE_LIMIT) known.clear();
    known.set(
      word,
      wordsOf(word).some((part) => VOCABULARY.has(part)),
    );
  }
  return known.get(word);
}

function findKey(words) {
  const last = wordsOf(words.at(-1));
  const whole = meaning(words.join(" "));
  const own = last.filter((word) => !PHASES.has(word)); // Epoch(train), but not train_loss_epoch
  const place = own.length && !own.some((word) => KNOWN.has(word)) ? meaning(own.at(-1)).kind : "";
  if (isPlace(place)) {
    return whole.kind === "ignored" ? null : [place, makeMeaning(place, { phase: whole.phase })];
  }
  if (meaning(words.at(-1)).kind === "unknown" && !last.some((word) => KNOWN.has(word))) {
    return null;
  }
  for (let start = 0; start < words.length; start++) {
    const name = words.slice(start).join(" ");
    const found = meaning(name);
    if (found.kind === "ignored") return null;
    const parts = found.part.split(" ").filter(Boolean);
    if (found.kind !== "unknown" && parts.every((part) => last.includes(part))) {
      return [name, found];
    }
  }
  return null;
}

/**
 * The [value, percent] at a token, and whether it is a running mean.
 * Of "9850/10000" it is the share, of "0.41 (0.52)" the mean in the brackets.
 */
function valueOf(tokens, i, kind) {
  const value = numberOf(tokens[i][1].replaceAll(" ", ""));
  if (kind !== "loss" && kind !== "score") return [value, false];
  const rest = tokens.slice(i + 1, i + 4).map(([text]) => text);
  const of = rest.length > 1 && rest[0] === "/" ? numberOf(rest[1]) : null;
  if (kind === "score" && of && of[0] >= Math.max(value[0], 2)) {
    return [[value[0] / of[0], false], false];
  }
  if (rest.length > 2 && rest[0] === "(" && rest[2] === ")") {
    const mean = numberOf(rest[1]);
    if (mean && !mean[1]) return [mean, true];
  }
  return [value, false];
}

/** The 50 of "Epoch 3/50", or null. */
function totalOf(tokens, i) {
  const rest = tokens.slice(i + 1, i + 3).map(([text]) => text);
  const isTotal = rest.length > 1 && (rest[0] === "/" || rest[0] === "of");
  return (isTotal && numberOf(rest[1])?.[0]) || null;
}

/** Names the pairs of a line; those without a phase take the one that stands before them. */
function named(found, state) {
  const id = (phase, what) => JSON.stringify([what.kind, phase, what.metric, what.part]);
  const phased = found.filter(([, what]) => what.phase);
  const explicit = new Set(phased.map(([, what]) => id(what.phase, what)));
  const row = new Map();
  for (const [name, what, phase, value] of found) {
    if (isPlace(what.kind)) {
      if (!row.has(what.kind)) row.set(what.kind, value);
    } else if (what.phase || !phase || what.kind === "learning_rate") row.set(name, value);
    else row.set(explicit.has(id(phase, what)) ? name : `${phase} ${name}`, value);
  }
  if (row.has("epoch")) {
    state.epoch = row.get("epoch")[0];
    state.first ??= state.epoch;
  } else if (state.epoch !== null && row.size) row.set("epoch", [state.epoch, false]);
  return [...row.keys()].every(isPlace) ? [] : [...row];
}

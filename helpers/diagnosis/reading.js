// Reads a training log, in whichever form it is, into curves; reading.py does the same in Python.
import { SCORES_BY_NAME, countText, listed, quoted, wordsOf } from "./columns.js";
import { ROLES, SPOKEN, curvesOf, seriesOf } from "./curves.js";
import { namedAfterFiles } from "./files.js";
import { tableOfText, textOfBytes } from "./texts.js";

const PLACES = ["epoch", "step"];
const METRICS = ROLES.slice(0, 4);

/**
 * Reads the text of a log, or its bytes (a Uint8Array, an ArrayBuffer), to a history
 * { train_loss, val_loss, train_score, val_score, learning_rate, score_name, higher_is_better,
 * train_is_batch, format, notes }: a curve is { x, y }, of Float64Arrays, or null.
 *
 * names says which column is what, where no convention does: { val_loss: "my column" }; its keys
 * are train_loss, val_loss, train_score, val_score, learning_rate, epoch and step. fileName serves
 * TensorBoard's files, which do not say whose they are. Throws an Error with one clear line.
 */
export function read(source, { names = {}, higherIsBetter = null, fileName = "" } = {}) {
  return readFiles([{ name: fileName, text: source }], { names, higherIsBetter });
}

/** Reads several files { name, text } of one run, such as TensorBoard's two, to one history. */
export function readFiles(files, { names = {}, higherIsBetter = null } = {}) {
  const tables = files.map(({ text }) => tableOfText(textOf(text)));
  const labels = files.map(({ name }) => stemOf(name ?? ""));
  const given = new Map(Object.entries(names));
  return historyOf(namedAfterFiles(tables, labels), given, higherIsBetter);
}

function textOf(source) {
  if (typeof source === "string") return source;
  return textOfBytes(source instanceof Uint8Array ? source : new Uint8Array(source));
}

function stemOf(name) {
  const last = name.split(/[\\/]/).at(-1);
  const dot = last.lastIndexOf(".");
  return dot > 0 ? last.slice(0, dot) : last;
}

function historyOf(tables, names, higherIsBetter) {
  checkNames(tables, names);
  const found = tables.map((table) => seriesOf(table, names));
  const series = found.flatMap((each) => each.series);
  const notes = [...new Set(tables.flatMap((table, i) => [...table.notes, ...found[i].notes]))];
  const picked = curvesOf(series, names, notes);
  if (!METRICS.some((role) => picked.get(role))) throw new Error(noCurve(tables));
  const { format } = tables[0];
  const isBatch = isBatchLoss(picked, format, notes);
  thinRepeats(picked, notes);
  const score = scoreOf(picked, higherIsBetter);
  convertPercent(picked, notes);
  remark(picked, notes);
  const others = found.flatMap((each) => each.others);
  return {
    ...Object.fromEntries(ROLES.map((role) => [role, curveOf(picked.get(role))])),
    score_name: score.name,
    higher_is_better: score.higher,
    train_is_batch: isBatch,
    format,
    notes: [summary(picked), ...notes, ...leftOut(series, picked, others)],
  };
}

function curveOf(item) {
  return item && { x: item.x, y: item.y };
}

function checkNames(tables, names) {
  const columns = tables.flatMap((table) => table.columns.map((column) => column.name));
  const keys = [...ROLES, ...PLACES];
  for (const [role, name] of names) {
    if (!keys.includes(role)) {
      throw new Error(`names: ${quoted(role)} is not one of ${keys.join(", ")}.`);
    }
    if (!columns.includes(name)) {
      throw new Error(
        `names: there is no column ${quoted(name)}; there are ${listed(columns, 20)}.`,
      );
    }
  }
}

function noCurve(tables) {
  const columns = tables.flatMap((table) => table.columns.map((column) => column.name));
  return (
    `Nothing recognized: no loss, no score. The columns are ${listed(columns, 20)}; ` +
    "say which is which with names, like “val_loss”: “my column”."
  );
}

function partsOf(item) {
  return item.parts ?? [item.name];
}

function summary(picked) {
  const parts = [...picked].filter(([, item]) => item);
  return `Read: ${parts.map(([role, item]) => `${SPOKEN[role]} ${listed(partsOf(item))}`).join(", ")}.`;
}

function leftOut(series, picked, others) {
  const used = new Set([...picked.values()].filter(Boolean).flatMap(partsOf));
  const left = series
    .filter(({ name, what }) => !used.has(name) && what.phase !== "test")
    .map(({ name }) => name);
  const names = [...left, ...others].filter(Boolean);
  return names.length ? [`Not used: ${listed(names)}.`] : [];
}

/** Whether the training loss is that of single batches. */
function isBatchLoss(picked, format, notes) {
  const item = picked.get("train_loss");
  if (!item) return false;
  const several = item.perEpoch > 1.2;
  const isSteps =
    format === "Lightning metrics.csv" && item.what.grain === "" && (several || item.offStep);
  if (several) notes.push("Several training values an epoch: each epoch has their mean.");
  const few = several && item.perEpoch < 5 && picked.get("val_loss");
  if (item.what.grain !== "step" && !isSteps && !few) return false;
  notes.push("The training loss is that of single batches, not of whole epochs.");
  return true;
}

/** Keeps the first of validation values that were repeated because validation was not run. */
function thinRepeats(picked, notes) {
  const item = picked.get("val_loss");
  if (!item) return;
  const every = repeatedEvery(item.y);
  const first = Array.from(item.y, (value, i) => i === 0 || value !== item.y[i - 1]);
  const score = picked.get("val_score");
  if (!every || (score && !repeats(score.y, first))) return;
  for (const role of ["val_loss", "val_score"]) {
    const curve = picked.get(role);
    if (!curve) continue;
    const kept = (values) => values.filter((_, i) => first[i]);
    picked.set(role, { ...curve, x: kept(curve.x), y: kept(curve.y) });
  }
  notes.push(
    `The validation loss repeats its value for ${every} epochs at a time, as if it was not run ` +
      "in between; only the first of each was read.",
  );
}

/** Whether values change only where `first` is true. */
function repeats(y, first) {
  return y.length === first.length && y.every((value, i) => first[i] || value === y[i - 1]);
}

/** The length of blocks of equal values, if all but shorter ends have it, or 0. */
function repeatedEvery(y) {
  if (y.length < 6 || !y.every(Number.isFinite)) return 0;
  const lengths = [];
  y.forEach((value, i) => {
    if (i && value === y[i - 1]) lengths[lengths.length - 1] += 1;
    else lengths.push(1);
  });
  if (lengths.length < 4) return 0;
  const every = lengths[1];
  const inner = lengths.slice(1, -1).every((length) => length === every);
  return inner && every > 1 && Math.max(lengths[0], lengths.at(-1)) <= every ? every : 0;
}

function scoreOf(picked, higherIsBetter) {
  const item = picked.get("val_score") ?? picked.get("train_score");
  if (!item) return { name: null, higher: higherIsBetter ?? true };
  const { metric } = item.what;
  const known = SCORES_BY_NAME.get(metric)?.higher ?? true;
  const name = metric || wordsOf(item.name).join(" ") || "score";
  return { name, higher: higherIsBetter ?? known };
}

/** Brings scores given in percent to 0..1. */
function convertPercent(picked, notes) {
  const items = ["train_score", "val_score"].map((role) => [role, picked.get(role)]);
  const scores = items.map(([, item]) => item).filter(Boolean);
  const converted = [];
  for (const [role, item] of items) {
    if (!item || !SCORES_BY_NAME.get(item.what.metric)?.percent || !inPercent(item, scores)) {
      continue;
    }
    picked.set(role, { ...item, y: item.y.map((value) => value / 100) });
    converted.push(item.name);
  }
  if (converted.length) notes.push(`Converted from percent to 0..1: ${listed(converted)}.`);
}

/** Whether a score is in percent: by its sign, its size, or the other score's. */
function inPercent(item, scores) {
  if (item.percent || item.name.includes("%")) return true;
  if (!reaches(item.y, 0)) return false;
  if (reaches(item.y, 1.5)) return true;
  const other = scores.find((score) => score !== item && !score.percent);
  if (!other || !reaches(other.y, 1.5)) return false;
  const mine = largest(item.y);
  const theirs = largest(other.y);
  return mine > 0 && theirs / mine < (100 * mine) / theirs;
}

function largest(y) {
  return y.reduce((most, value) => (value > most ? value : most), -Infinity);
}

function smallest(y) {
  return y.reduce((least, value) => (value < least ? value : least), Infinity);
}

function reaches(y, least) {
  let most = -Infinity;
  for (const value of y) {
    if (!Number.isFinite(value)) continue;
    if (value < 0 || value > 100) return false;
    most = Math.max(most, value);
  }
  return most > least;
}

/** Notes what is odd: curves of unequal length, no number, a loss that looks like an accuracy. */
function remark(picked, notes) {
  const losses = ["train_loss", "val_loss"].filter((role) => picked.get(role));
  const [train, val] = losses.map((role) => picked.get(role).x.length);
  if (losses.length === 2 && train !== val) {
    notes.push(
      `The training loss has ${countText(train)} values, the validation loss ` +
        `${countText(val)}; each was kept as it is.`,
    );
  }
  for (const role of losses) {
    const { y } = picked.get(role);
    const odd = y.length - y.filter(Number.isFinite).length;
    if (!odd) continue;
    notes.push(
      `The ${SPOKEN[role]} is not finite in ${countText(odd)} of ${countText(y.length)} places.`,
    );
  }
  if (losses.length && losses.every((role) => looksLikeAccuracy(picked.get(role).y))) {
    const names = listed(losses.map((role) => picked.get(role).name));
    notes.push(`${names}: between 0 and 1, and rising. Is it an accuracy, not a loss?`);
  }
}

/** Whether values lie between 0 and 1 and rise from the start. */
function looksLikeAccuracy(all) {
  const y = all.filter(Number.isFinite);
  const least = smallest(y);
  if (y.length < 3 || least < 0 || largest(y) > 1) return false;
  return y.indexOf(least) <= Math.floor(y.length / 10) && y.at(-1) > y[0] + 0.1;
}

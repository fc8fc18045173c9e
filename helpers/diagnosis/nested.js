// From JSON, as Keras, XGBoost and Hugging Face write it, to a table.
import { listed, meaning } from "./columns.js";
import {
  MAX_COLUMNS,
  checkRows,
  columnOf,
  columnsOfRecords,
  makeColumn,
  makeTable,
  needsPhase,
  numberOf,
  phaseIn,
  toldApart,
  tooManyColumns,
} from "./tables.js";

const DEPTH = 6;
const NUMBERED = /^[^0-9]{0,20}([0-9]{1,9})$/u;
const INDEX = /^(?:0|[1-9][0-9]{0,8})$/;

function isMapping(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function get(mapping, key) {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

/** Reads what JSON holds: an object or an array; throws if there are no lists of numbers in it. */
export function tableOfNested(value) {
  if (isMapping(value)) return tableOfMapping(value);
  if (value.length === 0) throw new Error("The log is empty: there is nothing to read.");
  checkRows(value.length);
  if (isRecords(value)) return tableOfRecords(value, "");
  if (isSeries(value)) return tableOfLists(new Map([["loss", value]]), "list of losses", null);
  if (value.every((item) => isSeries(item) && item.length === 3)) return tensorboard(value);
  throw new Error("Nothing recognized: a list, but not of numbers, nor of records with names.");
}

function tensorboard(rows) {
  const columns = ["Wall time", "Step", "Value"].map((name, i) =>
    columnOf(
      name,
      rows.map((row) => row[i]),
    ),
  );
  return makeTable("TensorBoard JSON", columns);
}

function tableOfMapping(whole) {
  let value = whole;
  let epochs = null;
  for (let depth = 0; depth < DEPTH && isMapping(get(value, "history")); depth++) {
    if (isSeries(get(value, "epoch"))) epochs = value.epoch;
    value = value.history;
  }
  if (isRecords(get(value, "log_history"))) {
    return tableOfRecords(value.log_history, "Hugging Face trainer_state");
  }
  const records = recordsIn(value);
  if (records.length) return tableOfRecords(records, "");
  const split = splitFrame(value);
  const lists = split.size ? split : new Map(leaves(value, []));
  if (lists.size === 0) {
    const keys = Object.keys(value);
    if (keys.length && keys.every((key) => Array.isArray(value[key]) && !value[key].length)) {
      throw new Error("The log is empty: there is nothing to read.");
    }
    const seen = keys.length ? `seen was ${listed(keys)}` : "the dict is empty";
    throw new Error(
      `Nothing recognized: no list of numbers; ${seen}. Give lists like “loss” and “val_loss”.`,
    );
  }
  if (lists.size > MAX_COLUMNS) throw new Error(tooManyColumns());
  return tableOfLists(lists, formOf(value, lists), epochs);
}

/** Finds records, one an epoch, in an object: a list of them, or an object of them, or itself. */
function recordsIn(value) {
  const items = Object.entries(value);
  const lists = items.map(([, item]) => item).filter(isRecords);
  if (lists.length) return lists[0];
  const numbers = items.map(([key]) => NUMBERED.exec(key));
  if (items.length && numbers.every(Boolean) && items.every(([, item]) => hasScalar(item))) {
    return items.map(([, item], i) => ({ epoch: Number(numbers[i][1]), ...item }));
  }
  const kinds = items
    .filter(([, item]) => numberOf(item) !== null)
    .map(([key]) => meaning(key).kind);
  return kinds.includes("loss") || kinds.includes("score") ? [value] : [];
}

function hasScalar(value) {
  return isMapping(value) && Object.values(value).some((item) => numberOf(item) !== null);
}

function isRecords(value) {
  return Array.isArray(value) && value.length > 0 && value.every(isMapping);
}

function formOf(value, lists) {
  const kinds = new Set([...lists.keys()].map((name) => meaning(name).kind));
  const nested = Object.values(value).some(isMapping);
  return nested && kinds.has("score") && !kinds.has("loss") ? "XGBoost evals_result" : "dict";
}

/** Reads a DataFrame written with orient="split". */
function splitFrame(value) {
  const names = get(value, "columns");
  const data = get(value, "data");
  if (!Array.isArray(names) || !Array.isArray(data)) return new Map();
  const rows = data.filter((row) => Array.isArray(row) && row.length === names.length);
  if (rows.length === 0) return new Map();
  return new Map(names.map((name, i) => [String(name), rows.map((row) => row[i])]));
}

/** The lists of a nested object, with their path as the name. */
function* leaves(value, path) {
  if (path.length > DEPTH) return;
  if (path.length && isIndexed(value)) {
    yield [path.join("-"), Object.values(value)];
  } else if (isMapping(value)) {
    for (const [key, item] of Object.entries(value)) yield* leaves(item, [...path, key]);
  } else if (path.length && isSeries(value)) {
    yield [path.join("-"), value];
  }
}

/** Whether an object maps 0, 1, 2 ... to numbers, as a column of DataFrame.to_json does. */
function isIndexed(value) {
  if (!isMapping(value)) return false;
  const items = Object.entries(value);
  return (
    items.length > 0 &&
    items.every(([key, item]) => INDEX.test(key) && (item === null || numberOf(item) !== null))
  );
}

function isSeries(value) {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.slice(0, 1000).every((item) => item === null || numberOf(item) !== null);
}

function tableOfLists(lists, form, epochs) {
  let columns = [...lists].map(([name, cells]) => columnOf(name, cells));
  const rows = columns.reduce((most, column) => Math.max(most, column.values.length), 0);
  checkRows(rows);
  const spread = columns.filter((column) => every(column, rows) > 1);
  const notes = [];
  if (spread.length) {
    notes.push(
      `${listed(spread.map((column) => column.name))}: shorter by a whole factor, so read as ` +
        "logged every few epochs, at the end of each.",
    );
  }
  const isEpoch = (column) => meaning(column.name).kind === "epoch";
  if (!columns.some((column) => column.values.length === rows && isEpoch(column))) {
    columns = columns.filter((column) => !isEpoch(column));
    if (epochs?.length === rows) columns.unshift(columnOf("epoch", epochs));
  }
  const placed = columns.map((column) => place(column, rows, every(column, rows)));
  return makeTable(form, placed, notes);
}

/** After how many epochs each a shorter validation curve has a value, or 1. */
function every(column, rows) {
  const { length } = column.values;
  const isVal = ["val", "test"].includes(meaning(column.name).phase);
  return isVal && length > 1 && rows % length === 0 ? rows / length : 1;
}

/** Spreads a column over more rows: every so many rows one of its values. */
function place(column, rows, step) {
  if (column.values.length === rows) return column;
  const values = new Float64Array(rows).fill(NaN);
  const present = new Uint8Array(rows);
  column.values.forEach((value, i) => {
    values[i * step + step - 1] = value;
    present[i * step + step - 1] = column.present[i];
  });
  return makeColumn(column.name, values, present, column.percent);
}

/** Reads a list of objects: one an epoch, or training and evaluation records apart. */
export function tableOfRecords(records, form) {
  const told = toldApartRecords(records.map((record) => [...flatten(record, [])]));
  const flat = told.records;
  const names = new Set(flat.flatMap((record) => record.map(([name]) => name)));
  const isHuggingFace =
    form.startsWith("Hugging Face") || names.has("eval_loss") || names.has("eval_runtime");
  if (!isHuggingFace) return makeTable(form || "JSON records", columnsOfRecords(flat), told.notes);
  const kept = flat.filter((record) => !record.some(([name]) => name === "train_runtime"));
  const { notes } = told;
  if (kept.length < flat.length) {
    notes.push("The last record holds the mean of the whole training and was left out.");
  }
  return makeTable("Hugging Face trainer_state", columnsOfRecords(kept), notes);
}

/** Names the values of records that say in words whose they are: {"mode": "val", "loss": 0.5}. */
function toldApartRecords(records) {
  let toldBy = null;
  const renamed = records.map((record) => {
    const said = record.find(([, cell]) => phaseIn(cell));
    if (!said) return record;
    toldBy = said[0];
    const phase = phaseIn(said[1]);
    return record.map(([name, cell]) => [needsPhase(name) ? `${phase} ${name}` : name, cell]);
  });
  return { records: renamed, notes: toldBy === null ? [] : [toldApart(toldBy)] };
}

function* flatten(record, path) {
  for (const [key, value] of Object.entries(record)) {
    if (!isMapping(value)) {
      yield [[...path, key].join("-"), Array.isArray(value) ? null : value];
    } else if (path.length < DEPTH) {
      yield* flatten(value, [...path, key]);
    }
  }
}

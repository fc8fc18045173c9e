// Tables of numbers, in which "not logged" differs from "logged as nan".
import { PHASES, WORDS, countText, meaning, quoted, trimmed } from "./columns.js";

const NUMBER = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const THOUSANDS = /^[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+$/;
const TENSOR = /^(?:tensor|np\.float(?:16|32|64)|array)\(\[?([^,()[\]]{1,40})[^()]{0,80}\)$/;
const SPECIAL = new Map([
  ...WORDS.not_a_number.map((word) => [word, NaN]),
  ...WORDS.infinite.map((word) => [word, Infinity]),
  ...WORDS.minus_infinite.map((word) => [word, -Infinity]),
]);
const LONGEST = 120; // characters of a number
const MISSING = new Set(WORDS.missing);
const MAX_ROWS = 10_000_000;
export const MAX_COLUMNS = 1000;

/** A column: its values, which of them were logged, and whether they had a % sign. */
export function makeColumn(name, values, present, percent = false) {
  return { name, values, present, percent };
}

/**
 * Columns of equal length, and what is known of them.
 * running: later values of an epoch replace earlier ones, as in a progress bar.
 */
export function makeTable(format, columns, notes = [], running = false) {
  return { format, columns, notes, running };
}

export function strip(text) {
  return trimmed(text, " \t\"'");
}

/** The [value, has a % sign] of a cell, or null: nothing was logged, or not a number. */
export function numberOf(cell, decimalComma = false) {
  if (typeof cell === "string") return numberOfText(strip(cell), decimalComma);
  return typeof cell === "number" ? [cell, false] : null;
}

function numberOfText(whole, decimalComma) {
  if (whole.length > LONGEST) return null;
  if (NUMBER.test(whole)) return [Number(whole), false];
  let text = TENSOR.exec(whole)?.[1].trim() ?? whole;
  const percent = text.endsWith("%");
  if (percent) text = text.slice(0, -1).trimEnd();
  if (THOUSANDS.test(text)) text = text.replaceAll(",", "");
  else if (decimalComma && text.includes(",")) text = text.replaceAll(".", "").replaceAll(",", ".");
  if (NUMBER.test(text)) return [Number(text), percent];
  const value = SPECIAL.get(text.toLowerCase());
  return value === undefined ? null : [value, percent];
}

/** Whether a cell stands for nothing logged. */
export function isMissing(cell) {
  return cell === null || (typeof cell === "string" && MISSING.has(strip(cell).toLowerCase()));
}

/** Builds a column from cells: numbers, texts or null. */
export function columnOf(name, cells, decimalComma = false) {
  const values = new Float64Array(cells.length).fill(NaN);
  const present = new Uint8Array(cells.length);
  let percent = false;
  for (let i = 0; i < cells.length; i++) {
    const read = numberOf(cells[i], decimalComma);
    if (read === null) continue;
    values[i] = read[0];
    present[i] = 1;
    percent ||= read[1];
  }
  return makeColumn(name, values, present, percent);
}

/** The phase that a cell names ("train" for "Training"), or "". */
export function phaseIn(cell) {
  return typeof cell === "string" ? (PHASES.get(strip(cell).toLowerCase()) ?? "") : "";
}

/** Tells apart rows of training and validation that a column names: { names, cells, notes }. */
export function splitByPhase(names, cells) {
  const place = cells.findIndex((told) => {
    if (!told.length || !phaseIn(told[0])) return false;
    return told.every(phaseIn) && new Set(told.map(phaseIn)).size > 1;
  });
  if (place < 0) return { names, cells, notes: [] };
  const phases = cells[place].map(phaseIn);
  const split = new Map();
  names.forEach((name, i) => {
    if (!needsPhase(name)) {
      if (i !== place) split.set(name, cells[i]);
      return;
    }
    for (const phase of new Set(phases)) {
      split.set(
        `${phase} ${name}`,
        cells[i].map((cell, row) => (phases[row] === phase ? cell : null)),
      );
    }
  });
  return { names: [...split.keys()], cells: [...split.values()], notes: [toldApart(names[place])] };
}

/** Whether a name is that of a loss or score that does not say whose it is. */
export function needsPhase(name) {
  const { kind, phase } = meaning(name);
  return (kind === "loss" || kind === "score") && !phase;
}

/** The note on rows of several phases. */
export function toldApart(name) {
  return `Rows of training and validation were told apart by ${quoted(name)}.`;
}

/** Turns records, each a list of [name, cell], into columns; what a record lacks is missing. */
export function columnsOfRecords(records) {
  const columns = new Map();
  records.forEach((record, row) => {
    for (const [name, cell] of record) {
      if (!columns.has(name)) columns.set(name, emptyColumn(name, records.length));
      if (columns.size > MAX_COLUMNS) throw new Error(tooManyColumns());
      put(columns.get(name), row, cell);
    }
  });
  return [...columns.values()];
}

export function tooManyColumns() {
  return `More than ${countText(MAX_COLUMNS)} columns: this is not a training log.`;
}

function emptyColumn(name, length) {
  return makeColumn(name, new Float64Array(length).fill(NaN), new Uint8Array(length));
}

function put(column, row, cell) {
  const read = Array.isArray(cell) ? cell : numberOf(cell);
  if (read === null || typeof read[0] !== "number") return;
  column.values[row] = read[0];
  column.present[row] = 1;
  column.percent ||= read[1] === true;
}

/** Refuses more rows than can be read in a reasonable time. */
export function checkRows(count) {
  if (count <= MAX_ROWS) return;
  throw new Error(
    `${countText(count)} rows are more than the ${countText(MAX_ROWS)} that are read: ` +
      "keep one row an epoch, or every tenth row.",
  );
}

// From text to a table: JSON, a table with a header, or the lines of a log.
/* oxlint-disable no-control-regex -- logs hold them */
import { countText, quoted, trimmed } from "./columns.js";
import { isBareHeader, tableOfCells } from "./delimited.js";
import { tableOfLog } from "./logs.js";
import { tableOfNested, tableOfRecords } from "./nested.js";
import { checkRows, numberOf } from "./tables.js";

const ASSIGNMENT =
  /([A-Za-z_][A-Za-z0-9_ .]{0,60}?)[ \t]{0,9}[=:][ \t]{0,9}(\[[^[\]]*\])[ \t\r\n,;]*/;
const LINE_LIMIT = 100_000; // characters
const COLORS = /\x1b\[[0-9;?]{0,16}[ -/]{0,4}[@-~]|\[[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m/g;
const CONTROLS = /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]/g;
const EMPTY = "The log is empty: there is nothing to read.";
const EDGES = "\ufeff \t\r\n\0";

/** Decodes bytes as UTF-8 or UTF-16; what cannot be decoded is replaced. */
export function textOfBytes(bytes) {
  const head = bytes.subarray(0, 2000);
  const nulls = [0, 1].map(
    (start) => head.filter((value, i) => i % 2 === start && value === 0).length > 0.4 * head.length,
  );
  const mark = bytes.length > 1 ? `${bytes[0]},${bytes[1]}` : "";
  const isWide = head.length > 3 && nulls[0] !== nulls[1];
  if (mark === "255,254" || (mark !== "254,255" && isWide && nulls[1])) {
    return decode(bytes, "utf-16le");
  }
  if (mark === "254,255" || (isWide && nulls[0])) return decode(bytes, "utf-16be");
  return decode(bytes, "utf-8");
}

function decode(bytes, encoding) {
  return new TextDecoder(encoding).decode(bytes);
}

/** Reads a text in whichever of the formats it has. */
export function tableOfText(text) {
  if (!trimmed(text, EDGES)) {
    throw new Error(EMPTY);
  }
  refuseBinary(text);
  checkRows(text.split("\n").length - 2);
  const table = tableOfNestedText(text) ?? tableOfLines(text);
  if (text.slice(0, 1_000_000).includes("\ufffd")) {
    table.notes.unshift("Some characters could not be decoded; the numbers are not affected.");
  }
  return table;
}

function matches(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}

function refuseBinary(text) {
  const head = text.slice(0, 100_000);
  const odd = matches(head, CONTROLS) + matches(head, /\ufffd/g) - matches(head, /\x1b\[/g);
  if (odd > 0.02 * head.length + 2) {
    throw new Error("This is a binary file, not a log: export the numbers as CSV, JSON or text.");
  }
}

/** Reads JSON, or a dict that Python printed; null if the text is neither. */
function tableOfNestedText(whole) {
  const given = trimmed(whole, EDGES);
  const text = /^[{[]/.test(given) ? given : dictOfAssignments(given);
  if (!text) return null;
  const value = "}])".includes(text.at(-1)) && (parsed(text) ?? parsed(relaxed(text)));
  if (value) return tableOfNested(value);
  return text.startsWith('{"') ? tableOfJsonLines(text) : null;
}

/** Turns lists after their names, as in "val_losses = [0.9, 0.7]", into a dict; "" if not so. */
function dictOfAssignments(text) {
  const found = new Map();
  const pattern = new RegExp(ASSIGNMENT, "y");
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match || found.has(match[1])) return "";
    found.set(match[1], match[2]);
  }
  return `{${[...found].map(([name, values]) => `"${name}": ${values}`).join(", ")}}`;
}

/** Reads a JSON object a line; null if a line is none (but for a last one that was cut short). */
function tableOfJsonLines(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const records = [];
  for (const [i, line] of lines.entries()) {
    const record = parsed(relaxed(line));
    if (record !== null && typeof record === "object" && !Array.isArray(record)) {
      records.push(record);
    } else if (i < lines.length - 1) return null;
  }
  return records.length ? tableOfRecords(records, "JSON lines") : null;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const RELAXED = new RegExp(
  `"[^"\\\\]*(?:\\\\[\\s\\S][^"\\\\]*)*"|'[^'\\\\]*(?:\\\\[\\s\\S][^'\\\\]*)*'` +
    "|-?\\b(?:nan|NaN|inf|Infinity)\\b|\\b(?:None|True|False)\\b" +
    "|\\b(?:np|numpy|torch)\\.\\w{1,20}\\(|\\b(?:array|tensor|defaultdict|OrderedDict)\\(" +
    "|,\\s{0,9}(?:dtype=[\\w.]{1,30}|device='[^']{1,30}'|requires_grad=True|grad_fn=<\\w{1,40}>)" +
    "|<class '[^']{1,30}'>,|,\\s{0,9}(?=[\\])}])|[()]",
  "g",
);
const PLAIN = new Map([
  ["None", "null"],
  ["True", "true"],
  ["False", "false"],
  ...["nan", "NaN", "inf", "Infinity"].flatMap((word) => [
    [word, `"${word}"`],
    [`-${word}`, `"-${word}"`],
  ]),
]);

/** Turns what Python prints of a dict or list of numbers into JSON. */
function relaxed(text) {
  const calls = []; // of each open bracket, whether it was that of a call
  return text.replace(RELAXED, (found) => {
    if (found[0] === '"') return found;
    if (found[0] === "'") return JSON.stringify(found.slice(1, -1));
    if (found.endsWith("(")) {
      calls.push(found.length > 1);
      return found.length > 1 ? "" : "[";
    }
    if (found === ")") return calls.pop() ? "" : "]";
    return PLAIN.get(found) ?? "";
  });
}

// Lines

/** Reads lines: a table with a header if there is one, else the lines of a log. */
function tableOfLines(text) {
  const { lines, notes, returns } = linesOf(text);
  checkRows(lines.length);
  const table = tableOfCells(lines) ?? tableOfLog(lines) ?? tableOfCells(lines, true);
  if (!table) throw new Error(whatIsWrong(lines));
  table.running ||= returns;
  table.notes.unshift(...notes);
  return table;
}

/** Says why lines hold no log. */
function whatIsWrong(lines) {
  if (isBareHeader(lines)) {
    return "The table has a header, but no row of numbers: no epoch has been logged.";
  }
  if (
    lines[0]
      .trim()
      .split(/[\s,;|]+/)
      .every((cell) => numberOf(cell))
  ) {
    return (
      "There is no header: put a line with the names of the columns above the numbers, like " +
      "“epoch,loss,val_loss”."
    );
  }
  return (
    `Nothing recognized: no loss, no score. The first line is ${quoted(lines[0])}. ` +
    "Give a table with a header, or lines like “epoch 1: loss 0.7, val_loss 0.8”."
  );
}

/**
 * Splits a text into lines without colors; says what was left out, and whether lines returned.
 * A carriage return within a line, or a run of backspaces, begins a new version of the line.
 */
function linesOf(text) {
  const colorless = /[\x1b\x08]|\[[0-9;]{1,9}m/.test(text)
    ? text.replace(COLORS, "").replaceAll("\b", "\r")
    : text;
  const clean = colorless.replaceAll("\r\n", "\n").replace(CONTROLS, "");
  const returns = clean.includes("\r") && clean.includes("\n");
  const all = clean.split(/[\r\n]/);
  const fits = (line) => line.length <= LINE_LIMIT || [...line].length <= LINE_LIMIT;
  const lines = all.filter((line) => line.trim() !== "" && fits(line));
  const long = all.filter((line) => !fits(line)).length;
  const limit = countText(LINE_LIMIT);
  if (!long && !lines.length) throw new Error(EMPTY);
  if (long && !lines.length) {
    throw new Error(`A line is longer than ${limit} characters: no log looks so.`);
  }
  const notes = long
    ? [`Lines of more than ${limit} characters, left out: ${countText(long)}.`]
    : [];
  return { lines, notes, returns };
}

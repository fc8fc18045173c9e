// Tables with a header: CSV with commas, semicolons or tabs, columns of blanks, Markdown.
import { countText, meaning, quoted } from "./columns.js";
import {
  MAX_COLUMNS,
  columnOf,
  isMissing,
  makeColumn,
  makeTable,
  numberOf,
  splitByPhase,
  strip,
} from "./tables.js";

const HEADER_WITHIN = 30; // lines
const DECIMAL_COMMA = /^[-+]?[0-9]+,[0-9]+(?:[eE][-+]?[0-9]+)? ?%?$/;
const QUOTED_COMMA = /^[-+]?[0-9]+,(?![0-9]{3}$)[0-9]+(?:[eE][-+]?[0-9]+)? ?%?$/;
const UNNAMED = /^(?:Unnamed: 0(?:\.[0-9])?|index)?$/;
const WANDB = /^[^\n]{1,200} - ([^\n]{1,200})$/u;
const RULE = /^[-+=|:│┃┼├┤─━═╇╪┏┓┡┩└┘┌┐┴┬╞╡\s]*$/;

/**
 * Reads a table with a header; null if there is none among the first lines.
 * anyNames: the header need not hold a name that is known; it is not one of blanks then.
 */
export function tableOfCells(lines, anyNames = false) {
  const header = headerOf(lines, anyNames);
  if (!header) return null;
  const { start, names, mark } = header;
  const body = lines.slice(start + 1).filter((line) => line !== lines[start] && !isRule(line));
  const { columns, notes } = columnsOf(names, body, mark);
  const unique = [...new Map(columns.map((column) => [column.name, column])).values()];
  const bare = withoutPrefixes(unique);
  return makeTable(formatOf(names, mark), bare.columns, [...notes, ...bare.notes]);
}

/** Finds the header: its place, the names and the delimiter. */
function headerOf(lines, anyNames) {
  for (let start = 0; start < Math.min(lines.length, HEADER_WITHIN); start++) {
    for (const mark of marksIn(lines[start])) {
      const names = splitCells(lines[start], mark);
      if (anyNames && mark.startsWith(" ")) continue;
      if (isHeader(names, anyNames) && fits(names, lines.slice(start + 1, start + 40), mark)) {
        return { start, names: names.map(strip), mark };
      }
    }
  }
  return null;
}

/** Whether there is nothing but a header, or one row of it that was cut short. */
export function isBareHeader(lines) {
  const fitting = (mark) => isHeader(splitCells(lines[0], mark));
  return lines.length <= 2 && marksIn(lines[0]).some(fitting);
}

/** Splits a line into cells: at " " (any blanks), "  " (two or more), "|" or another mark. */
function splitCells(line, mark) {
  if (mark === " ") return line.split(/\s+/).filter(Boolean);
  if (mark === "  ") return line.trim().split(/\s{2,}|\t/);
  if (mark === "|") {
    const inner = withBars(line).trim().replace(/^\|/, "").replace(/\|$/, "");
    return inner.split("|").map((cell) => cell.trim());
  }
  return line.includes('"') ? splitQuoted(line, mark) : line.split(mark);
}

function withBars(line) {
  return line.replace(/[│┃]/g, "|");
}

/** Splits a line in which cells may be in double quotes, as Python's csv does. */
function splitQuoted(line, mark) {
  const cells = [];
  let cell = "";
  let quoting = false;
  let fresh = true; // at the start of a cell
  for (let i = 0; i < line.length; i++) {
    const letter = line[i];
    if (quoting) {
      if (letter !== '"') cell += letter;
      else if (line[i + 1] === '"') cell += line[++i];
      else quoting = false;
    } else if (letter === mark) {
      cells.push(cell);
      cell = "";
      fresh = true;
      continue;
    } else if (fresh && letter === '"') quoting = true;
    else if (fresh && letter === " ") continue;
    else cell += letter;
    fresh = false;
  }
  return [...cells, cell];
}

function marksIn(line) {
  const found = ["\t", ";", ",", "|"].filter((mark) => withBars(line).includes(mark));
  return found.includes(",") || found.includes(";") ? found : [...found, "  ", " "];
}

function isHeader(names, anyNames = false) {
  const isWide = names.length < 2 || names.length > MAX_COLUMNS;
  if (isWide || names.some((name) => numberOf(name))) return false;
  if (anyNames) return true;
  return names.some((name) => !["unknown", "ignored"].includes(meaning(bareName(name)).kind));
}

/** Whether the lines below a header are rows of as many cells, of numbers or nothing. */
function fits(names, lines, mark) {
  const rows = lines.filter((line) => !isRule(line)).map((line) => splitCells(line, mark));
  const fitting = rows.filter((row) => row.length === names.length);
  const comma = hasDecimalComma(fitting, mark);
  const cells = fitting.flat().filter((cell) => !isMissing(cell));
  const numbers = cells.filter((cell) => numberOf(cell, comma) !== null).length;
  return numbers > 0 && fitting.length * 2 >= rows.length && numbers * 3 >= cells.length;
}

function isRule(line) {
  return RULE.test(line);
}

function hasDecimalComma(rows, mark) {
  const pattern = mark === "," ? QUOTED_COMMA : DECIMAL_COMMA;
  return rows.some((row) => row.some((cell) => cell.includes(",") && pattern.test(cell.trim())));
}

/** A name without blanks and, in an export of W&B, without the run's name. */
function bareName(name) {
  const text = strip(name);
  return WANDB.exec(text)?.[1] ?? text;
}

/** Reads the rows that fit the header, and a last one that was cut short. */
function columnsOf(names, lines, mark) {
  const rows = lines.map((line) => splitCells(line, mark));
  const width = names.length;
  const comma = hasDecimalComma(rows.slice(0, 1000), mark);
  const last = rows.at(-1);
  if (last && last.length > 1) while (last.length < width) last.push("");
  const good = rows.filter(
    (row) => row.length === width && row.some((cell) => numberOf(cell, comma) !== null),
  );
  const notes = [];
  if (good.length < rows.length) {
    const left = countText(rows.length - good.length);
    notes.push(`Lines that did not fit the header, left out: ${left}.`);
  }
  const cells = names.map((_, i) => good.map((row) => row[i]));
  const told = splitByPhase(names, cells);
  const columns = told.names.map((name, i) => columnOf(name, told.cells[i], comma));
  return { columns, notes: [...notes, ...told.notes] };
}

/** Takes the run's name off W&B's columns; of several runs, keeps the last. */
function withoutPrefixes(columns) {
  const matches = columns.map((column) => WANDB.exec(column.name));
  const runs = [
    ...new Set(matches.filter(Boolean).map(([whole, name]) => whole.slice(0, -name.length - 3))),
  ];
  if (!runs.length || !["step", "epoch"].includes(meaning(columns[0].name).kind)) {
    return { columns, notes: [] };
  }
  const run = runs.at(-1);
  const kept = columns.flatMap((column, i) => {
    const match = matches[i];
    if (!match) return [column];
    if (match[0] !== `${run} - ${match[1]}`) return [];
    return [makeColumn(match[1], column.values, column.present, column.percent)];
  });
  const note = `The file holds ${runs.length} runs; read was the last, ${quoted(run)}.`;
  return { columns: kept, notes: runs.length > 1 ? [note] : [] };
}

/** Names the format of a table by its header. */
function formatOf(names, mark) {
  const kinds = names.map((name) => meaning(bareName(name)));
  const has = (...wanted) => wanted.every((name) => names.includes(name));
  const phased = kinds.some((kind) => kind.phase && ["loss", "score"].includes(kind.kind));
  const isYolo = names.some((name) => /^(?:train\/box_loss|val\/box_loss|metrics\/)/.test(name));
  const isBoard = has("Wall time", "Step", "Value") && new Set(names).size === 3;
  const forms = [
    ["TensorBoard CSV", isBoard],
    ["Weights & Biases CSV", names[0] === "Step" && names.some((name) => WANDB.test(name))],
    ["YOLO results.csv", isYolo],
    ["Lightning metrics.csv", has("epoch", "step") && phased],
    ["Markdown table", mark === "|"],
    ["fastai table", has("epoch", "train_loss", "valid_loss")],
    ["pandas CSV", UNNAMED.test(names[0])],
    ["Keras CSVLogger", names[0] === "epoch" && has("loss") && mark === ","],
    ["table", mark.trim() === "" && mark !== "\t"],
  ];
  return forms.find(([, holds]) => holds)?.[0] ?? "CSV";
}

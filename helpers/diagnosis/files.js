// Several files of one run: their names say whose the columns are that do not say so themselves.
import { listed, meaning, quoted } from "./columns.js";
import { makeTable } from "./tables.js";

const METRICS = ["loss", "score"];

/**
 * Names columns after the labels of their files: TensorBoard's "Value", and "loss" of train.csv.
 * Of two files of TensorBoard whose names say nothing, the first is read as training.
 */
export function namedAfterFiles(tables, names) {
  const board = tables.map((table) => table.format.startsWith("TensorBoard"));
  let labels = names;
  const silent = !labels.some((label) => meaning(label).phase);
  if (tables.length === 2 && board.every(Boolean) && silent) {
    labels = labels.map((label, i) => `${["train", "val"][i]} ${label}`);
    tables[0].notes.push(
      "The names of the files do not say which is which: the first was read as training, the " +
        "second as validation.",
    );
  }
  if (tables.length === 1 && !board[0]) return tables;
  const found = tables.map((table, i) => named(table, labels[i]));
  noteRepeats(found);
  return found;
}

/** Says which curves several files hold: they are logs of several runs, of which one is read. */
function noteRepeats(tables) {
  const names = tables.flatMap(({ columns }) => [...new Set(columns.map(({ name }) => name))]);
  const metrics = names.filter((name) => METRICS.includes(meaning(name).kind));
  const repeated = metrics.filter((name, i) => metrics.indexOf(name) !== i);
  if (!repeated.length) return;
  const ordered = metrics.filter((name) => repeated.includes(name));
  tables[0].notes.push(
    `More than one file holds ${listed(ordered)}: the first that does was read. ` +
      "Give one run at a time.",
  );
}

function named(table, label) {
  const found = meaning(label);
  const { format, running } = table;
  const notes = [...table.notes];
  const rename = new Map();
  if (format.startsWith("TensorBoard")) {
    if (!found.phase) {
      notes.push(`Nothing says whose the values of ${quoted(label)} are: training?`);
    }
    rename.set("Value", METRICS.includes(found.kind) ? label : `${found.phase || "train"} loss`);
  } else {
    const metrics = table.columns.filter(({ name }) => METRICS.includes(meaning(name).kind));
    if (!found.phase || metrics.some(({ name }) => meaning(name).phase)) return table;
    for (const { name } of metrics) rename.set(name, `${found.phase} ${name}`);
  }
  const columns = table.columns.map((column) => ({
    ...column,
    name: rename.get(column.name) ?? column.name,
  }));
  return makeTable(format, columns, notes, running);
}

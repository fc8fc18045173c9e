// From tables to the curves of a history: which epoch, which run, which column is what.
import { RANK, SCORES_BY_NAME, countText, listed, meaning, numberText, quoted } from "./columns.js";

export const ROLES = ["train_loss", "val_loss", "train_score", "val_score", "learning_rate"];
export const SPOKEN = {
  train_loss: "training loss",
  val_loss: "validation loss",
  train_score: "training score",
  val_score: "validation score",
  learning_rate: "learning rate",
};
const METRICS = ROLES.slice(0, 4);
const GRAINS = ["epoch", "", "step"];

/**
 * The columns of a table as series { name, what, x, y, percent, perEpoch, offStep }, the notes on its
 * rows, and the names not used. perEpoch: how many values an epoch were averaged; offStep: logged at
 * other steps than validation.
 */
export function seriesOf(table, names) {
  const notes = [];
  const metrics = table.columns.filter((column) => isMetric(column, names));
  const trained = metrics.filter((column) => meaning(column.name).phase !== "test");
  const counted = trained.length ? trained : metrics;
  if (counted.length === 0) return { series: [], notes, others: [] };
  const used = either(counted.map((column) => column.present));
  const { x, keep } = rowsOf(table, counted, used, names, notes);
  // a last test row has no other value
  const tests = used.map((value, row) => Number(keep[row] || (!value && Number.isFinite(x[row]))));
  const curves = metrics.map((column) => {
    const rows = meaning(column.name).phase === "test" ? tests : keep;
    const offStep = isOffStep(column, table, x, keep);
    return { ...makeSeries(column, x, rows, table.running), offStep };
  });
  const rates = table.columns
    .filter((column) => isRate(column, names))
    .map((column) => makeSeries(column, x, keep, true));
  const series = [...curves, ...rates].filter((item) => item.x.length);
  return { series, notes, others: othersOf(table, names) };
}

/** The position of each row, and which rows are read. */
function rowsOf(table, counted, used, names, notes) {
  const { x, kind } = positions(table, counted, used, names, notes);
  const keep = lastRun(x, withPlaces(used, x, notes), notes, kind);
  if (kind === "epoch") {
    noteEpochs(
      x.filter((_, row) => keep[row]),
      notes,
    );
  }
  return { x, keep };
}

function isMetric(column, names) {
  if (!column.present.includes(1)) return false;
  const given = METRICS.map((role) => names.get(role));
  return given.includes(column.name) || ["loss", "score"].includes(meaning(column.name).kind);
}

function isRate(column, names) {
  return (
    meaning(column.name).kind === "learning_rate" || names.get("learning_rate") === column.name
  );
}

/** The columns that are neither a loss, a score, a position nor a rate. */
function othersOf(table, names) {
  const given = [...names.values()];
  return table.columns
    .map((column) => column.name)
    .filter((name) => !given.includes(name))
    .filter((name) => ["ignored", "unknown"].includes(meaning(name).kind));
}

/** Whether a column of Lightning's was logged at other steps than validation: on batches. */
function isOffStep(column, table, x, keep) {
  const step = findColumn(table, "step", new Map());
  const val = table.columns.filter(({ name }) => {
    const { kind, phase } = meaning(name);
    return phase === "val" && (kind === "loss" || kind === "score");
  });
  if (!table.format.startsWith("Lightning") || !step || !val.length) return false;
  const places = new Set();
  const steps = new Set();
  keep.forEach((value, row) => {
    if (!value || !val.some(({ present }) => present[row])) return;
    places.add(x[row]);
    if (step.present[row]) steps.add(step.values[row]);
  });
  let own = 0;
  let on = 0;
  keep.forEach((value, row) => {
    if (!value || !column.present[row] || !places.has(x[row])) return;
    own += 1;
    on += Number(steps.has(step.values[row]));
  });
  return own > 0 && on / own < 0.5;
}

function either(masks) {
  return masks[0].map((_, row) => Number(masks.some((mask) => mask[row])));
}

/** The rows whose position is a number. */
function withPlaces(used, x, notes) {
  const keep = used.map((value, row) => Number(value && Number.isFinite(x[row])));
  const lost = countOf(used) - countOf(keep);
  if (lost) notes.push(`Rows without an epoch, left out: ${countText(lost)}.`);
  return keep;
}

function countOf(mask) {
  let count = 0;
  for (const value of mask) count += value;
  return count;
}

function makeSeries(column, x, keep, running) {
  const what = meaning(column.name);
  const rows = keep.map((value, row) => value & column.present[row]);
  const places = x.filter((_, row) => rows[row]);
  const values = column.values.filter((_, row) => rows[row]);
  const mean = !["val", "test"].includes(what.phase) && what.kind === "loss" && !running;
  const { name, percent } = column;
  return { name, what, percent, ...unique(places, values, mean) };
}

/** Sorts by x; of the values at one x keeps the last, or the mean of how many. */
function unique(x, y, mean) {
  if (isAscending(x)) return { x, y, perEpoch: 1 };
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b]);
  const places = [];
  const values = [];
  const counts = [];
  for (const i of order) {
    if (places.at(-1) === x[i]) {
      counts[counts.length - 1] += 1;
      values[values.length - 1] = mean ? values.at(-1) + y[i] : y[i];
    } else {
      places.push(x[i]);
      values.push(y[i]);
      counts.push(1);
    }
  }
  return {
    x: Float64Array.from(places),
    y: Float64Array.from(values, (value, i) => (mean ? value / counts[i] : value)),
    perEpoch: mean ? x.length / places.length : 1,
  };
}

function isAscending(x) {
  for (let i = 1; i < x.length; i++) if (!(x[i] > x[i - 1])) return false;
  return true;
}

// Epochs

/** The position of each row, and whether it is an epoch, a step or counted. */
function positions(table, metrics, used, names, notes) {
  let epoch = findColumn(table, "epoch", names);
  const step = findColumn(table, "step", names);
  if (!epoch && !step) epoch = indexOf(table);
  const crowded = epoch && step && isCrowded(epoch, metrics);
  if (crowded) {
    notes.push(
      `There are several values an epoch, so positions are those of ${quoted(step.name)}.`,
    );
  }
  const holds = (column) => column?.present.some((value, row) => value && used[row]);
  if (!crowded && holds(epoch)) return { x: filled(epoch), kind: "epoch" };
  if (holds(step)) {
    if (!crowded) notes.push(`No epochs, so positions are those of ${quoted(step.name)}.`);
    return { x: filled(step), kind: "step" };
  }
  notes.push("No epochs, so the rows are counted from 1.");
  let count = 0;
  return { x: Float64Array.from(used, (value) => (count += value)), kind: "counted" };
}

function findColumn(table, kind, names) {
  if (names.has(kind)) return table.columns.find((column) => column.name === names.get(kind));
  return table.columns.find(
    (column) => meaning(column.name).kind === kind && column.present.includes(1),
  );
}

/** The unnamed first column of a DataFrame's CSV. */
function indexOf(table) {
  const { name, present, values } = table.columns[0];
  const plain = name === "" || name === "index" || name.startsWith("Unnamed: 0");
  const full = values.length > 0 && !present.includes(0) && values.every(Number.isFinite);
  return plain && full ? table.columns[0] : undefined;
}

/** A column in which a missing cell has the value above it. */
function filled(column) {
  let last = NaN;
  return column.values.map((value, row) => (last = column.present[row] ? value : last));
}

/** Whether validation (without one: too few epochs of training) has many values an epoch. */
function isCrowded(epoch, metrics) {
  const val = metrics.filter((column) => meaning(column.name).phase === "val");
  let rows = [];
  for (const column of val.length ? val : metrics) {
    const these = [];
    column.present.forEach((value, row) => {
      if (value && epoch.present[row]) these.push(row);
    });
    if (these.length > rows.length) rows = these;
  }
  const distinct = new Set(rows.map((row) => epoch.values[row])).size;
  return rows.length > 1.5 * distinct && (val.length > 0 || distinct < 3);
}

/** Drops the rows that a later run, or a resumed one, replaces. */
function lastRun(x, keep, notes, kind) {
  const rows = [];
  keep.forEach((value, row) => {
    if (value) rows.push(row);
  });
  const place = rows.map((row) => x[row]);
  const falls = place.flatMap((value, i) => (i && value < place[i - 1] ? [i] : []));
  if (falls.length === 0) return keep;
  if (new Set(place).size === place.length) {
    notes.push("The rows were not in the order of the epochs and were sorted.");
    return keep;
  }
  const kept = keep.slice();
  let later = Infinity;
  for (let i = place.length - 1; i >= 0; i--) {
    if (!(place[i] < later)) kept[rows[i]] = 0;
    if (i && place[i] < place[i - 1]) later = Math.min(later, place[i]);
  }
  noteRuns(place, falls, kind, notes);
  return kept;
}

function noteRuns(place, falls, kind, notes) {
  let first = Infinity;
  let runs = 1;
  place.forEach((value, i) => {
    if (i && value < place[i - 1] && value <= first) runs += 1;
    first = Math.min(first, value);
  });
  if (runs > 1) {
    notes.push(`The file holds ${countText(runs)} runs one after another; read was the last.`);
  }
  if (runs <= falls.length) {
    const unit = kind === "step" ? "step" : "epoch";
    notes.push(
      `The log goes back to ${unit} ${numberText(place[falls.at(-1)])}, as after a restart; ` +
        "the later rows were read.",
    );
  }
}

function noteEpochs(all, notes) {
  const x = isAscending(all) ? all : Float64Array.from(new Set(all)).sort();
  if (x.length < 2) return;
  if (!x.every(Number.isInteger)) {
    notes.push("Epochs are fractional, as logged.");
    return;
  }
  if (x[0] > 1) {
    notes.push(`The log begins at epoch ${numberText(x[0])}: what was before is not in it.`);
  }
  const steps = x.slice(1).map((value, i) => value - x[i]);
  const usual = medianOf(steps);
  const holes = steps.filter((step) => step > usual).length;
  if (holes) {
    notes.push(
      `Epochs are missing in ${countText(holes)} place${holes === 1 ? "" : "s"}; ` +
        "the curves were read as they are.",
    );
  }
}

function medianOf(values) {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Roles

/** Chooses a series for each role: a Map, with null where there is none. */
export function curvesOf(series, names, notes) {
  const picked = new Map();
  for (const [role, name] of names) {
    if (ROLES.includes(role)) picked.set(role, givenSeries(series, name));
  }
  const taken = [...picked.values()].map((item) => item.name);
  const sets = evalSets(series, notes).filter((item) => !taken.includes(item.name));
  const free = testAsValidation(sets, picked, notes);
  for (const phase of ["train", "val"]) {
    const role = `${phase}_loss`;
    if (!picked.has(role)) picked.set(role, lossOf(free, phase, notes));
  }
  lossesByFormula(free, picked);
  scoresOf(free, picked, notes);
  if (!picked.has("learning_rate")) {
    picked.set("learning_rate", free.find(({ what }) => what.kind === "learning_rate") ?? null);
  }
  return new Map(ROLES.map((role) => [role, picked.get(role) ?? null]));
}

function namesOf(items) {
  return items.map((item) => item.name);
}

function givenSeries(series, name) {
  const found = series.find((item) => item.name === name);
  if (!found) throw new Error(`names: the column ${quoted(name)} holds no numbers.`);
  return found;
}

function withPhase(item, phase) {
  return { ...item, what: { ...item.what, phase } };
}

/** Of XGBoost's validation_0 and validation_1, the first is the training set. */
function evalSets(series, notes) {
  const val = series.filter(({ what }) => what.phase === "val");
  const indices = val.map(({ what }) => what.index).filter((index) => index >= 0);
  const low = Math.min(...indices);
  const high = Math.max(...indices);
  if (!(low < high) || series.some(({ what }) => what.phase === "train")) return series;
  const first = val.filter(({ what }) => what.index === low);
  const last = val.filter(({ what }) => what.index === high);
  notes.push(
    `Of several evaluation sets, the first was read as training (${listed(namesOf(first))}), ` +
      `the last as validation (${listed(namesOf(last))}).`,
  );
  const rest = series.filter(({ what }) => what.phase !== "val");
  return [...first.map((item) => withPhase(item, "train")), ...last, ...rest];
}

/** Without any validation, takes the test curves for it, and says so. */
function testAsValidation(series, picked, notes) {
  const tests = series.filter(
    ({ what }) => what.phase === "test" && ["loss", "score"].includes(what.kind),
  );
  const rest = series.filter(({ what }) => what.phase !== "test");
  const curves = tests.filter(({ x }) => x.length > 1);
  const given = picked.has("val_loss") || picked.has("val_score");
  if (tests.length === 0) return series;
  if (given || series.some(({ what }) => what.phase === "val") || curves.length === 0) {
    notes.push(`Test values were left out: ${listed(namesOf(tests))}.`);
    return rest;
  }
  notes.push(
    `No validation: ${listed(namesOf(curves))} stands in for it. A test set that one ` +
      "looks at every epoch is a validation set.",
  );
  return [...rest, ...curves.map((item) => withPhase(item, "val"))];
}

/** Chooses the loss of a phase: a total if there is one, else the sum of the parts. */
function lossOf(series, phase, notes) {
  const phases = phase === "train" ? ["train", ""] : ["val"];
  const all = series.filter(({ what }) => what.kind === "loss" && phases.includes(what.phase));
  const many = all.reduce((most, { x }) => Math.max(most, x.length), 0);
  const named = all.filter(({ what, x }) => what.phase === phase && (x.length > 1 || many === 1));
  const bare = all.filter(({ what }) => what.phase === "");
  const found = [named, bare, all].find((items) => items.length) ?? [];
  for (const grain of GRAINS) {
    const these = found.filter(({ what }) => what.grain === grain);
    const total = these.find(({ what }) => !what.part);
    if (total) return total;
    if (these.length) return these.length === 1 ? these[0] : sumOf(these, phase, notes);
  }
  return null;
}

/** Adds losses at the positions that they share. */
function sumOf(parts, phase, notes) {
  const places = parts.map((item) => new Map(Array.from(item.x, (value, i) => [value, i])));
  const x = parts[0].x.filter((value) => places.every((place) => place.has(value)));
  const y = x.map((value) => {
    let sum = 0;
    parts.forEach((item, i) => {
      sum += item.y[places[i].get(value)];
    });
    return sum;
  });
  const label = SPOKEN[`${phase}_loss`];
  const names = namesOf(parts);
  notes.push(`The ${label} is the sum of ${listed(names)}: there is no total.`);
  return { ...parts[0], name: names.join(" + "), x, y, parts: names };
}

/** Without a column named loss, takes a metric that is one: log loss, mean squared error ... */
function lossesByFormula(series, picked) {
  if (picked.get("train_loss") || picked.get("val_loss")) return;
  const found = series.filter(({ what }) => SCORES_BY_NAME.get(what.metric)?.loss);
  if (found.length === 0) return;
  const best = preferred(found);
  for (const [role, phases] of [
    ["train_loss", ["train", ""]],
    ["val_loss", ["val"]],
  ]) {
    const same = found.find((item) => isSame(item, best) && phases.includes(item.what.phase));
    picked.set(role, same ?? null);
  }
}

function isSame(a, b) {
  return a.what.metric === b.what.metric && a.what.part === b.what.part;
}

/** The metric to show: with validation first, then the order of names.json, then of the columns. */
function preferred(series) {
  const rank = (item) => {
    const hasVal = series.some((other) => isSame(other, item) && other.what.phase === "val");
    const place = RANK.get(item.what.metric);
    return Number(!hasVal) * 1000 + place * 2 + Number(item.what.part !== "");
  };
  return series.reduce((best, item) => (rank(item) < rank(best) ? item : best));
}

/** Chooses the score: the same metric for training and validation. */
function scoresOf(series, picked, notes) {
  const used = new Set(picked.values());
  const scores = series.filter((item) => item.what.kind === "score" && !used.has(item));
  const found = withPhases(scores, picked, notes);
  if (!found.length || picked.get("train_score") || picked.get("val_score")) return;
  const best = preferred(found);
  for (const phase of ["train", "val"]) {
    const same = found.filter((item) => isSame(item, best) && item.what.phase === phase);
    const finest = GRAINS.map((grain) => same.find(({ what }) => what.grain === grain));
    picked.set(`${phase}_score`, finest.find(Boolean) ?? null);
  }
}

/** Says whose a score without a phase is: validation's in fastai's and YOLO's tables. */
function withPhases(scores, picked, notes) {
  const loss = picked.get("train_loss");
  const toVal = picked.get("val_loss") && (!loss || loss.what.phase === "train");
  const moved = [];
  const phased = scores.map((item) => {
    if (item.what.phase) return item;
    const hasTwin = scores.some((other) => other.what.phase === "val" && isSame(other, item));
    if (!toVal || hasTwin) return withPhase(item, "train");
    moved.push(item.name);
    return withPhase(item, "val");
  });
  if (moved.length) {
    notes.push(
      `${listed(moved)}: read as the validation set's, since the losses say whose they are.`,
    );
  }
  return phased;
}

// The playground: controls, figure, results and sweep, wired to a runner that trains.
//
//   mount(element, options, host) -> {dispose()}   builds one playground inside an element
//   hydrate(document)                              brings every playground of a published page to life
//   render({model, el}) -> cleanup                 the same as an anywidget
//
// options = {name, settings, controls: ["l2"], question, sweep: "l2", autorun: true}; all optional.
// host = {kind: "page"} on a published page, where settings go to the URL hash, or
// host = {kind: "widget", get(name), set(name, value), save(), onChange(name, fn) -> off()}
//        where settings and results are traits of a model in a Python kernel.
import { createRunner } from "./run.js";
import { formatChange, formatLoss, formatNumber, formatPercent, spokenText, valueText } from "./text.js";
import { kerasCode, readResult, readSweep } from "./text.js";
import { KNOBS, cleanSettings, isValid, readHash, stopsWith, writeHash } from "./state.js";
import { contourInPlane, createCurves, createPlane, createSweepChart } from "./figure.js";
import { gridOver, legendKey, meanOf, planeOf } from "./figure.js";

const SWEEP_SEEDS = 5;
const LARGEST_SEED = KNOBS.data_seed.max;
const TABLE_ROWS = 12;
let mounted = 0; // numbers the playgrounds of a page, for ids that labels can point to

/** An element with its properties and children; text always goes in as text, never as HTML. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function button(text, onclick) {
  return make("button", { type: "button", className: "pg-button", onclick }, text);
}

function nextSeed(seed, by = 1) {
  return ((seed - 1 + by) % LARGEST_SEED) + 1;
}

function fillOptions(given = {}) {
  if (given === null || typeof given !== "object") throw new TypeError("its options are not an object.");
  const { name, settings, controls, question, sweep, autorun } = given;
  const isKnob = (knob) => Object.hasOwn(KNOBS, String(knob));
  const shown = (Array.isArray(controls) ? controls : []).filter(isKnob).slice(0, 3);
  if (!shown.length) shown.push("l2");
  return {
    name: String(name || "playground"), settings, controls: shown, question: question ? String(question) : "",
    sweep: [sweep, shown[0], "l2"].find((knob) => isKnob(knob) && KNOBS[knob].sweep), autorun: autorun !== false,
  };
}

// ---- Controls -----------------------------------------------------------------------------------
// Each returns {element, show(value)}; `change(name, value)` is called when the reader lets go.

function sliderControl(id, name, change) {
  const value = make("span", { className: "pg-value", "aria-hidden": "true" });
  const input = make("input", { type: "range", id, min: 0, step: 1, className: "pg-range" });
  const label = make("label", { htmlFor: id }, KNOBS[name].label);
  let stops = KNOBS[name].stops;
  const say = () => {
    const at = stops[input.valueAsNumber];
    value.textContent = valueText(name, at);
    input.setAttribute("aria-valuetext", spokenText(name, at));
    input.dataset.value = at === null ? "off" : at;
  };
  input.oninput = say;
  input.onchange = () => change(name, stops[input.valueAsNumber]);
  const show = (setting) => {
    stops = stopsWith(name, setting);
    input.max = stops.length - 1;
    input.value = stops.indexOf(setting);
    say();
  };
  return { element: make("div", { className: "pg-control" }, label, value, input), show };
}

function selectControl(id, name, change) {
  const { label, choices } = KNOBS[name];
  const options = choices.map((choice, i) => make("option", { value: i }, String(choice)));
  const select = make("select", { id }, ...options);
  select.onchange = () => change(name, choices[select.selectedIndex]);
  const show = (setting) => { select.selectedIndex = choices.indexOf(setting); };
  return { element: make("div", { className: "pg-control" }, make("label", { htmlFor: id }, label), select), show };
}

function checkControl(id, name, change) {
  const input = make("input", { type: "checkbox", id });
  input.onchange = () => change(name, input.checked);
  const show = (setting) => { input.checked = setting; };
  const label = make("label", { htmlFor: id }, KNOBS[name].label);
  return { element: make("div", { className: "pg-control pg-check" }, input, label), show };
}

function numberControl(id, name, change) {
  const { label, min, max, whole } = KNOBS[name];
  const input = make("input", { type: "number", id, min, max, step: whole ? 1 : "any" });
  input.onchange = () => change(name, input.value === "" ? null : input.valueAsNumber);
  const show = (setting) => { input.value = setting; };
  return { element: make("div", { className: "pg-control" }, make("label", { htmlFor: id }, label), input), show };
}

function controlFor(id, name, change) {
  const knob = KNOBS[name];
  if (knob.stops) return sliderControl(id, name, change);
  if (knob.choices) return selectControl(id, name, change);
  return (knob.flag ? checkControl : numberControl)(id, name, change);
}

// ---- Parts of the figure ------------------------------------------------------------------------

/** A legend: each entry is a small drawing and its meaning. */
function legend(entries) {
  const items = entries.map(([look, text]) => make("li", {}, legendKey(look), text));
  return make("ul", { className: "pg-legend" }, ...items);
}

function cell(text, heading = false) {
  return heading ? make("th", { scope: "row" }, text) : make("td", {}, text);
}

function fillTable(table, caption, columns, rows) {
  const head = make("tr", {}, ...columns.map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map((row) => make("tr", {}, ...row.map((text, i) => cell(text, i === 0))));
  table.replaceChildren(make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...body));
}

/** What the table says: losses and accuracies, each with its change against the run before. */
function resultRows(run, ghost) {
  const gap = (each, what) => each.val[what] - each.train[what];
  const changed = (now, before, digits) => (before === null ? "" : ` (${formatChange(now - before, digits)})`);
  const row = (name, of, loss, accuracy) => {
    const [now, before] = [run, ghost].map((each) => each && of(each, "crossEntropy"));
    const [right, formerly] = [run, ghost].map((each) => each && 100 * of(each, "accuracy"));
    return [name, loss(now) + changed(now, before, 3), accuracy(right / 100) + changed(right, formerly, 1)];
  };
  const loss = (value) => formatLoss(value, 3);
  return [
    row("Training", (each, what) => each.train[what], loss, formatPercent),
    row("Validation", (each, what) => each.val[what], loss, formatPercent),
    row("Gap", gap, formatChange, (value) => `${formatChange(100 * value, 1)} points`),
  ];
}

/** About a dozen epochs from first to last, the best one among them. */
function tableEpochs(run) {
  const last = run.valLoss.length;
  const epochs = new Set([run.bestEpoch || 1, last]);
  for (let i = 0; i < TABLE_ROWS; i += 1) epochs.add(1 + Math.round(((last - 1) * i) / (TABLE_ROWS - 1)));
  return [...epochs].filter((epoch) => epoch >= 1 && epoch <= last).sort((a, b) => a - b);
}

// The text alternatives leave out the words of the labels ("Epochs", "Training points"), so that
// who looks for a control by its label finds the control only.

function describePlane(run) {
  const { dataset, n_train } = run.settings;
  return `Decision boundary among the points (${dataset}): ${formatNumber(n_train)} to train, ` +
    `${formatNumber(run.valPoints)} to validate, two classes. The network is right on ` +
    `${formatPercent(run.train.accuracy)} of the former and ${formatPercent(run.val.accuracy)} of the latter.`;
}

function describeCurves(run) {
  const [train, val] = [run.trainLoss, run.valLoss];
  const last = val.length - 1;
  const at = (epoch) => `at epoch ${formatNumber(epoch)}`;
  const best = run.bestEpoch ? `, lowest ${formatLoss(val[run.bestEpoch - 1])} ${at(run.bestEpoch)}` : "";
  const stopped = run.stoppedEpoch ? ` Early stopping ended it ${at(run.stoppedEpoch)}.` : "";
  return `Cross-entropy from epoch 1 to ${formatNumber(last + 1)}: training from ${formatLoss(train[0])} to ` +
    `${formatLoss(train[last])}, validation from ${formatLoss(val[0])} to ${formatLoss(val[last])}${best}.${stopped}`;
}

function describeSweep(runs) {
  const mean = (losses) => (losses.length ? formatLoss(meanOf(losses)) : "none");
  const means = (part) => runs.map((each) => mean(each.map((run) => run[part]))).join(", ");
  return `Mean cross-entropy from left to right: training ${means("train")}; validation ${means("val")}.`;
}

/** How fine the shading is: coarser for networks that take long to ask. */
function gridSize({ width, depth }) {
  const multiplications = depth === 1 ? 4 * width : width * width;
  const rows = Math.round(Math.sqrt(4e7 / multiplications / 1.35));
  return Math.min(72, Math.max(24, rows));
}

// ---- One playground -----------------------------------------------------------------------------

export function mount(element, given, host = { kind: "page" }) {
  const options = fillOptions(given);
  const { settings: base, problems } = cleanSettings(options.settings);
  const settings = { ...base };
  const id = `pg-${(mounted += 1)}`;
  const still = [...element.children]; // the static picture: it stays until there is a live one
  const offs = []; // undo on dispose
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const runner = createRunner();
  let run = null; // the run that is shown: its settings, curves so far and, when done, its results
  let ghost = null; // the finished run before it
  let paused = false; // by the reader
  let waiting = false; // a run is due as soon as the figure is seen
  let inView = typeof IntersectionObserver === "undefined";
  let looks = 0; // how often the reader looked at the test figure
  let frame = 0;

  // The elements.
  const change = (name, value) => (isValid(name, value) ? apply({ [name]: value }) : refuse(name, value));
  const controls = {};
  for (const name of Object.keys(KNOBS)) controls[name] = controlFor(`${id}-${name}`, name, change);
  const folded = Object.keys(KNOBS).filter((name) => !options.controls.includes(name));
  const play = button("Play", togglePlay);
  const progress = make("span", { className: "pg-progress" });
  const plane = createPlane();
  const curves = createCurves();
  const verdict = make("span", { className: "pg-verdict" });
  const note = make("span", { className: "pg-note" });
  const table = make("table", { className: "pg-table" });
  const lossTable = make("table", { className: "pg-table" });
  const testFigure = make("span", { "aria-live": "polite" });
  const copyField = make("textarea", { className: "pg-copy", readOnly: true, hidden: true, rows: 8,
    "aria-label": "Text to copy" });
  const sweep = createSweep(id, options.sweep, () => settings, () => calm.matches);
  const planePart = make("figure", { className: "pg-figure" }, plane.element, legend([
    ["points", "training: class 0, class 1"], ["held", "validation: class 0, class 1"],
    ["boundary", "boundary, p = 0.5"], ["ghost", "previous run"]]));
  const curvesPart = make("figure", { className: "pg-figure" }, curves.element, legend([
    ["train", "training"], ["val", "validation"], ["best", "best epoch"], ["oldTrain", "previous run"]]));
  const figures = make("div", { className: "pg-figures", hidden: true }, planePart, curvesPart);
  const results = make("div", { className: "pg-results", hidden: true },
    table,
    make("div", { className: "pg-reveal" }, button("Reveal test", reveal),
      make("span", {}, "What you choose by this figure, it can no longer judge."), testFigure),
    make("details", { className: "pg-more" }, make("summary", {}, "Numbers of the curves"), lossTable));
  const copyButtons = [button("Copy as Keras code", () => copy(kerasCode(settings), "The Keras code"))];
  if (host.kind === "page") copyButtons.push(button("Copy link", () => copy(link(), "The link")));
  const body = make("div", { className: "pg-body", role: "group", "aria-label": "Playground" },
    ...(options.question ? [make("p", { className: "pg-question" }, options.question)] : []),
    make("div", { className: "pg-controls" }, ...options.controls.map((name) => controls[name].element)),
    make("div", { className: "pg-buttons" }, play, button("Step", step), button("Reset", reset),
      button("New data", () => apply({ data_seed: nextSeed(settings.data_seed) })),
      button("New weights", () => apply({ weights_seed: nextSeed(settings.weights_seed) })), progress),
    make("details", { className: "pg-more" }, make("summary", {}, "More settings"),
      make("div", { className: "pg-controls" }, ...folded.map((name) => controls[name].element))),
    figures,
    make("p", { className: "pg-status", role: "status", "aria-atomic": "false" }, verdict, " ", note),
    results, sweep.element,
    make("div", { className: "pg-buttons" }, ...copyButtons), copyField);

  // Settings.

  function refuse(name, value) {
    tell(cleanSettings({ [name]: value }, settings).problems);
    controls[name].show(settings[name]);
  }

  function showControls() {
    for (const [name, control] of Object.entries(controls)) control.show(settings[name]);
  }

  /** Take over valid settings, tell the host, and train with them. */
  function apply(patch) {
    Object.assign(settings, patch);
    showControls();
    tell([]);
    if (host.kind === "widget") {
      for (const [name, value] of Object.entries(patch)) host.set(name, value);
      host.save();
    } else {
      setHash(writeHash(location.hash, options.name, settings, base));
    }
    start();
  }

  /** Settings from outside (the hash, the kernel): valid ones are taken over, the others named. */
  function accept({ settings: wanted, problems: found }) {
    const changed = Object.keys(KNOBS).some((name) => wanted[name] !== settings[name]);
    Object.assign(settings, wanted);
    showControls();
    tell(found);
    if (changed) start();
  }

  function tell(messages) {
    note.textContent = messages.join(" ");
  }

  // Training.

  function setState(state) {
    element.dataset.state = state;
    play.textContent = state === "training" && !paused ? "Pause" : "Play";
    verdict.classList.toggle("pg-stale", state === "idle" || state === "training");
    if (host.kind === "widget" && host.get("state") !== state) host.set("state", state);
  }

  /** Begin a run with the settings of now; a run that is going on is cancelled. */
  function start(startPaused = false) {
    if (run?.done && !sameSettings(run.settings, settings)) ghost = run;
    paused = startPaused;
    run = newRun(settings);
    testFigure.textContent = "";
    if (!isSeen()) runner.cancel(); // else the new run takes its place
    cancelAnimationFrame(frame);
    frame = 0;
    setState("idle");
    showNumbers();
    waiting = true;
    goOn();
    if (host.kind === "widget") host.save();
  }

  function isSeen() {
    return inView && !document.hidden;
  }

  /** Train only what is seen: begin, pause or resume as the figure and the tab come and go. */
  function goOn() {
    const seen = isSeen();
    if (seen && waiting) {
      waiting = false;
      const [rows, mine] = [gridSize(settings), run];
      run.grid = { columns: Math.round(rows * 1.35), rows };
      runner.run(settings, {
        grid: gridOver(run.plane, run.grid.columns, rows),
        paused,
        onStart: (points) => onStart(mine, points),
        onProgress: (update) => onProgress(mine, update),
        onDone: (result) => onDone(mine, result),
        onError: (message) => onError(message),
      });
      setState("training");
    } else if (run && !run.done && !waiting && !paused) {
      if (seen) runner.resume();
      else runner.pause();
    }
    sweep.setSeen(seen);
  }

  function onStart(mine, points) {
    mine.valPoints = points.y_val.length;
    plane.setPlane(mine.plane);
    plane.setPoints(points);
    plane.draw([], ghostLines());
  }

  function onProgress(mine, update) {
    mine.add(update);
    showNumbers();
    if (!calm.matches && !frame) frame = requestAnimationFrame(drawRun);
  }

  function onDone(mine, result) {
    mine.add(result);
    mine.finish(result);
    drawRun();
    element.dataset.trainMs = result.ms.toFixed(1);
    const { kind, sentence } = readResult(mine);
    verdict.textContent = sentence;
    element.dataset.verdict = kind;
    plane.picture.setAttribute("aria-label", describePlane(mine));
    curves.picture.setAttribute("aria-label", describeCurves(mine));
    fillTable(table, ghost ? "In brackets the change against the previous run" : "Results of this run",
      ["Points", "Cross-entropy", "Accuracy"], resultRows(mine, ghost));
    fillTable(lossTable, "Cross-entropy over the epochs", ["Epoch", "Training", "Validation"],
      tableEpochs(mine).map((epoch) => [formatNumber(epoch),
        formatLoss(mine.trainLoss[epoch - 1]), formatLoss(mine.valLoss[epoch - 1])]));
    results.hidden = false;
    showNumbers();
    if (host.kind === "widget") report(host, mine);
    setState("done");
  }

  function onError(message) {
    run = null;
    setState("error");
    verdict.textContent = `The network could not be trained: ${message}.`;
    if (host.kind === "widget") host.save();
  }

  /** The previous boundary means something only among points of the same kind. */
  function ghostLines() {
    return ghost?.settings.dataset === run.settings.dataset ? ghost.contour : [];
  }

  function drawRun() {
    frame = 0;
    if (!run?.field) return;
    for (const child of still) child.remove();
    figures.hidden = false;
    const { columns, rows } = run.grid;
    run.contour = contourInPlane(run.field, columns, rows, run.plane);
    plane.shade(run.field, columns, rows);
    plane.draw(run.contour, ghostLines());
    curves.draw(run, ghost, run.settings.epochs);
  }

  /** The figures that change all the time: for scripts on the element, for readers beside the buttons. */
  function showNumbers() {
    const epoch = run.valLoss.length;
    const [train, val] = run.done ? [run.train.crossEntropy, run.val.crossEntropy]
      : [run.trainLoss[epoch - 1], run.valLoss[epoch - 1]];
    Object.assign(element.dataset, { epoch, trainLoss: train ?? "", valLoss: val ?? "" });
    progress.textContent = `epoch ${formatNumber(epoch)} of ${formatNumber(run.settings.epochs)}`;
  }

  // Buttons.

  function togglePlay() {
    if (element.dataset.state !== "training") return start();
    paused = !paused;
    if (!waiting) runner[paused ? "pause" : "resume"]();
    return setState("training");
  }

  function step() {
    if (element.dataset.state !== "training") start(true);
    if (!paused) {
      paused = true;
      runner.pause();
    }
    runner.step();
    setState("training");
  }

  function reset() {
    ghost = null;
    run = null;
    apply({ ...base });
  }

  function reveal() {
    if (!run?.done) return tell(["The test figure is of a finished run: let the network train first."]);
    if (testFigure.textContent) return undefined; // this run's is on show
    looks += 1;
    const { crossEntropy, accuracy } = run.test;
    testFigure.textContent = `Test, fresh data: cross-entropy ${formatLoss(crossEntropy)}, accuracy ` +
      `${formatPercent(accuracy)}. You have looked ${looks === 1 ? "once" : `${looks} times`}.`;
    return undefined;
  }

  function link() {
    return location.href.split("#")[0] + writeHash("", options.name, settings, base);
  }

  /** To the clipboard or, where that is not allowed, into a field from which the reader copies. */
  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      copyField.hidden = true;
      tell([`${what} is in the clipboard.`]);
    } catch {
      copyField.value = text;
      copyField.hidden = false;
      copyField.focus();
      copyField.select();
      tell([`${what} is in the field below: copy it from there.`]);
    }
  }

  // Life.

  function listen(target, type, action) {
    target.addEventListener(type, action);
    offs.push(() => target.removeEventListener(type, action));
  }

  function fromHash() {
    const found = readHash(location.hash, options.name, settings);
    if (!found) return;
    accept(found);
    element.scrollIntoView({ block: "start" });
  }

  function fromKernel() {
    const wanted = Object.fromEntries(Object.keys(KNOBS).map((name) => [name, host.get(name)]));
    accept(cleanSettings(wanted, settings));
  }

  function watch() {
    if (!inView) {
      const observer = new IntersectionObserver((entries) => {
        inView = entries[entries.length - 1].isIntersecting;
        goOn();
      });
      observer.observe(element);
      offs.push(() => observer.disconnect());
    }
    listen(document, "visibilitychange", goOn);
    if (host.kind === "page") {
      listen(window, "hashchange", fromHash);
    } else {
      let due = false; // several traits that change together make one run
      const soon = () => {
        if (!due) queueMicrotask(() => { due = false; fromKernel(); });
        due = true;
      };
      for (const name of Object.keys(KNOBS)) offs.push(host.onChange(name, soon));
    }
  }

  function dispose() {
    for (const off of offs) off();
    cancelAnimationFrame(frame);
    runner.dispose();
    sweep.dispose();
    body.remove();
  }

  element.dataset.engine = runner.engine;
  // Else JupyterLab takes the arrow keys of a slider; it asks the focused element itself.
  for (const each of body.querySelectorAll("button, input, select, summary")) {
    each.dataset.lmSuppressShortcuts = "true";
  }
  showControls();
  setState("idle");
  element.append(body);
  tell(problems);
  if (host.kind === "page") fromHash();
  if (problems.length && !note.textContent) tell(problems);
  if (options.autorun && !run) start();
  watch();
  return { dispose };
}

function sameSettings(one, other) {
  return Object.keys(KNOBS).every((name) => one[name] === other[name]);
}

/** A run: its curves grow as updates come in. */
function newRun(settings) {
  const train = new Float32Array(settings.epochs);
  const val = new Float32Array(settings.epochs);
  const run = {
    settings: { ...settings }, plane: planeOf(settings), done: false, bestEpoch: 0, stoppedEpoch: null,
    trainLoss: train.subarray(0, 0), valLoss: val.subarray(0, 0), field: null, contour: [],
  };
  run.add = (update) => {
    const start = run.valLoss.length;
    train.set(update.trainLoss, start);
    val.set(update.valLoss, start);
    run.trainLoss = train.subarray(0, start + update.trainLoss.length);
    run.valLoss = val.subarray(0, start + update.valLoss.length);
    run.bestEpoch = update.bestEpoch;
    if (update.grid?.length) run.field = update.grid;
  };
  run.finish = ({ train: fit, val: held, test, weights, stoppedEpoch, restoredEpoch, diverged }) => {
    Object.assign(run, { train: fit, val: held, test, weights, stoppedEpoch, restoredEpoch, diverged, done: true });
  };
  return run;
}

/**
 * The results of a finished run as traits, once: losses as numbers (JSON knows no NaN: one that is
 * not finite is null), the weights as the bytes of float32 in Keras' order.
 */
function report(host, run) {
  const finite = (value) => (Number.isFinite(value) ? value : null);
  const list = (losses) => Array.from(losses, (loss) => finite(Number(loss.toPrecision(9)))); // all of a float32
  const weights = new Float32Array(run.weights.reduce((sum, part) => sum + part.length, 0));
  run.weights.reduce((at, part) => (weights.set(part, at), at + part.length), 0);
  const results = {
    epoch: run.valLoss.length, best_epoch: run.bestEpoch || null, stopped_epoch: run.stoppedEpoch,
    train_loss: finite(run.train.crossEntropy), val_loss: finite(run.val.crossEntropy),
    train_accuracy: finite(run.train.accuracy), val_accuracy: finite(run.val.accuracy),
    history: { train_loss: list(run.trainLoss), val_loss: list(run.valLoss) },
    trained: { ...run.settings }, weights: new DataView(weights.buffer), state: "done",
  };
  for (const [name, value] of Object.entries(results)) host.set(name, value);
  host.save();
}

function setHash(hash) {
  try {
    history.replaceState(history.state, "", hash || location.pathname + location.search);
  } catch {
    // A page inside a frame without an address of its own has no hash to keep.
  }
}

// ---- The sweep ----------------------------------------------------------------------------------

/** Trains one network for each value of a knob and each of five seeds, on a runner of its own. */
function createSweep(id, first, getSettings, isCalm) {
  const knobs = Object.keys(KNOBS).filter((name) => KNOBS[name].sweep);
  const chart = createSweepChart();
  const choices = knobs.map((name) => make("option", { value: name }, KNOBS[name].label));
  const select = make("select", { id: `${id}-sweep` }, ...choices);
  const toggle = button("Sweep", () => (runner ? stop() : start()));
  const progress = make("span", { className: "pg-progress" });
  const summary = make("p", { className: "pg-summary", "aria-live": "polite" });
  const table = make("table", { className: "pg-table" });
  const figure = make("figure", { className: "pg-figure" }, chart.element, legend([
    ["train", "training: mean, and lowest to highest"], ["val", "validation: mean, and lowest to highest"]]));
  const shown = make("div", { className: "pg-swept", hidden: true }, figure, make("div", {}, summary,
    make("details", { className: "pg-more" }, make("summary", {}, "Numbers of the sweep"), table)));
  const element = make("div", { className: "pg-sweep" },
    make("div", { className: "pg-buttons" },
      make("label", { htmlFor: select.id }, "Sweep over"), select, toggle, progress), shown);
  select.value = first;
  let runner = null;
  let seen = true;
  let state = null; // {knob, values, runs, jobs, total}

  function start() {
    const [knob, base] = [select.value, getSettings()];
    const values = KNOBS[knob].sweep;
    const jobs = [];
    for (let seed = 0; seed < SWEEP_SEEDS; seed += 1) {
      values.forEach((value, i) => jobs.push({ i, settings: { ...base, [knob]: value,
        data_seed: nextSeed(base.data_seed, seed), weights_seed: nextSeed(base.weights_seed, seed) } }));
    }
    state = { knob, values, runs: values.map(() => []), jobs, total: jobs.length };
    runner = createRunner();
    toggle.textContent = "Stop sweep";
    summary.textContent = `Trains ${jobs.length} networks: ${values.length} values, ${SWEEP_SEEDS} seeds each. ` +
      "All other settings stay as they were when the sweep began.";
    shown.hidden = false;
    next();
  }

  function next() {
    const { jobs, total, runs } = state;
    progress.textContent = `${total - jobs.length} of ${total} networks`;
    if (!jobs.length) return finish(true);
    const job = jobs.shift();
    if (!isCalm()) draw();
    runner.run(job.settings, {
      onDone: (result) => {
        runs[job.i].push({ train: result.train.crossEntropy, val: result.val.crossEntropy });
        next();
      },
      onError: (message) => {
        finish(false);
        summary.textContent = `The sweep could not go on: ${message}.`;
      },
    });
    if (!seen) runner.pause();
    return undefined;
  }

  function draw() {
    chart.draw(state.knob, KNOBS[state.knob].label, state.values, state.runs);
  }

  function stop() {
    finish(false);
  }

  function finish(complete) {
    runner.dispose();
    runner = null;
    toggle.textContent = "Sweep";
    draw();
    const { knob, values, runs } = state;
    const says = readSweep(knob, values, runs);
    summary.textContent = complete ? says : `Stopped early. ${says}`;
    chart.picture.setAttribute("aria-label", describeSweep(runs));
    const spread = (i, part) => {
      const real = runs[i].map((run) => run[part]).filter(Number.isFinite);
      if (!real.length) return "–";
      return `${formatLoss(meanOf(real))} (${formatLoss(Math.min(...real))} to ${formatLoss(Math.max(...real))})`;
    };
    fillTable(table, "Mean cross-entropy, and the lowest and highest of the seeds",
      [KNOBS[knob].label, "Training", "Validation"],
      values.map((value, i) => [valueText(knob, value), spread(i, "train"), spread(i, "val")]));
  }

  function setSeen(now) {
    seen = now;
    if (runner) runner[seen ? "resume" : "pause"]();
  }

  return { element, setSeen, dispose: () => runner?.dispose() };
}

// ---- Hosts --------------------------------------------------------------------------------------

/** Bring a published page's playgrounds to life. One that cannot says why; its picture stays. */
export function hydrate(page) {
  for (const element of page.querySelectorAll(".playground[data-playground]")) {
    if (element.dataset.state) continue; // alive already
    const before = [...element.children];
    try {
      mount(element, JSON.parse(element.dataset.playground));
    } catch (error) {
      for (const child of [...element.children]) if (!before.includes(child)) child.remove();
      element.dataset.state = "error";
      element.append(make("p", { className: "pg-status", role: "status" },
        `This playground cannot start, so its picture stands still: ${error.message}`));
    }
  }
}

function widgetHost(model) {
  return {
    kind: "widget",
    get: (name) => model.get(name),
    set: (name, value) => model.set(name, value),
    save: () => model.save_changes(),
    onChange: (name, action) => {
      model.on(`change:${name}`, action);
      return () => model.off(`change:${name}`, action);
    },
  };
}

/** The anywidget: settings, options and results are traits of the model. */
export function render({ model, el }) {
  const element = make("div", { className: "playground" });
  el.append(element);
  const traits = (names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const options = { ...traits(["name", "controls", "question", "sweep"]), settings: traits(Object.keys(KNOBS)) };
  return mount(element, options, widgetHost(model)).dispose;
}

// What a reader sees of one playground, in the order of the page, and how it is filled.
import { announce, button, createCopies, fillTable, make } from "./elements.js";
import { legend } from "./legend.js";
import { formatLoss, formatPercent, valueText } from "./format.js";
import { describeCurves, describePlane, lossRows, resultRows } from "./results.js";
import { createControls } from "./controls.js";
import { createCurves } from "./curves.js";
import { createPlane } from "./plane.js";
import KNOBS from "./knobs.json" with { type: "json" };

const PLANE_LEGEND = [
  ["points", "training: class 0, class 1"],
  ["held", "validation: class 0, class 1"],
  ["boundary", "boundary, p = 0.5"],
  ["ghost", "previous run"],
];
const CURVES_LEGEND = [
  ["train", "training"],
  ["val", "validation"],
  ["best", "best epoch"],
  ["old", "previous run"],
];

/**
 * The elements of a playground. `actions` are what its controls and buttons do; `parts` is what
 * comes from elsewhere: {sweep} and, on a published page, a link to copy.
 */
export function createView(id, options, actions, parts) {
  const controls = createControls(id, actions);
  const figures = createFigures();
  const says = createSays();
  const results = createResults(actions.reveal);
  const play = button("Play", actions.togglePlay);
  const elements = (names) => names.map((name) => controls[name].element);
  const folded = Object.keys(KNOBS).filter((name) => !options.controls.includes(name));
  const body = make(
    "div",
    { className: "pg-body", role: "group", "aria-label": "Playground" },
    ...(options.question ? [make("p", { className: "pg-question" }, options.question)] : []),
    make("div", { className: "pg-controls" }, ...elements(options.controls)),
    says.element,
    figures.element,
    createButtons(play, actions),
    results.element,
    createMore(elements(folded)),
    parts.sweep,
    createCopies(parts.copies),
  );
  // Else JupyterLab takes the arrow keys of a slider; it asks the focused element itself.
  for (const each of body.querySelectorAll("button, input, select, summary")) {
    each.dataset.lmSuppressShortcuts = "true";
  }

  /** The static picture gives its figures, its sentence and its table until a run has its own. */
  function adopt(still) {
    figures.adopt(still);
    says.adopt(still);
    results.adopt(still);
    still.replaceWith(body);
  }

  /** Whether what is shown is of another run than the settings ask for. */
  function setOld({ figures: drawn, words }) {
    figures.element.classList.toggle("pg-old", drawn);
    says.element.classList.toggle("pg-old", words);
    results.element.classList.toggle("pg-old", words);
  }

  function showResult(run, ghost, sentence) {
    announce(says.verdict, sentence);
    figures.describe(run);
    results.fill(run, ghost);
  }

  function showSettings(settings) {
    for (const control of Object.values(controls)) control.show(settings);
  }

  return {
    body,
    adopt,
    setOld,
    showResult,
    showSettings,
    figures,
    reveal: results.reveal,
    tell: (messages) => {
      says.note.textContent = messages.join(" ");
    },
    say: (sentence) => {
      says.verdict.textContent = sentence;
    },
    hint: (text) => {
      says.progress.textContent = text;
    },
    notes: () => says.note.textContent,
    setPlay: (text) => {
      play.textContent = text;
    },
    setBusy: (busy) => body.setAttribute("aria-busy", String(busy)),
  };
}

function createButtons(play, actions) {
  play.classList.add("pg-play");
  return make(
    "div",
    { className: "pg-buttons pg-row" },
    play,
    button("Step", actions.step),
    button("Reset", actions.reset),
    button("New data", actions.newData),
    button("New weights", actions.newWeights),
  );
}

/** The controls that are folded away. */
function createMore(controls) {
  const summary = make("summary", {}, "More settings");
  const inside = make("div", { className: "pg-controls" }, ...controls);
  return make("details", { className: "pg-more" }, summary, inside);
}

/** Both pictures and their legends. The still's pictures stand here until the first frame. */
function createFigures() {
  const [plane, curves] = [createPlane(), createCurves()];
  const [left, right] = [plane, curves].map((each) =>
    make("figure", { className: "pg-figure" }, each.element),
  );
  const legends = [
    legend(PLANE_LEGEND, "Legend of the points"),
    legend(CURVES_LEGEND, "Legend of the losses"),
  ];
  const entries = legends.map((each) => each.lastElementChild);
  const setGhost = (shown) =>
    entries.forEach((entry) => entry.classList.toggle("pg-absent", !shown));
  setGhost(false);

  /** Until a frame is drawn the pictures of the still stand in their places. */
  function adopt(still) {
    const pictures = still.querySelectorAll(".pg-figure");
    [left, right].forEach((figure, i) => figure.replaceChildren(...pictures[i].children));
  }

  function draw(run, ghost, field) {
    if (plane.element.parentElement !== left) left.replaceChildren(plane.element);
    if (curves.element.parentElement !== right) right.replaceChildren(curves.element);
    plane.shade(run.field, run.grid.columns, run.grid.rows);
    plane.draw(run.contour, field);
    curves.draw(run, ghost, run.settings.epochs);
    setGhost(Boolean(ghost));
  }

  function describe(run) {
    plane.picture.setAttribute("aria-label", describePlane(run));
    curves.picture.setAttribute("aria-label", describeCurves(run));
  }

  const element = make("div", { className: "pg-figures" }, left, right, ...legends);
  return { element, plane, adopt, draw, describe };
}

/** The sentence on the result, notes, and one line that says what is going on. */
function createSays() {
  const verdict = make("span", { className: "pg-verdict" });
  const note = make("span", { className: "pg-note" });
  const progress = make("p", { className: "pg-progress" });
  const status = make(
    "p",
    { className: "pg-status", role: "status", "aria-atomic": "false" },
    verdict,
    " ",
    note,
  );
  const adopt = (still) => {
    verdict.textContent = still.querySelector(".pg-verdict").textContent;
    progress.textContent = still.querySelector(".pg-progress").textContent;
  };
  return {
    element: make("div", { className: "pg-says" }, status, progress),
    verdict,
    note,
    progress,
    adopt,
  };
}

/** The table of a run, the test figure on request, and the numbers of the curves. */
function createResults(onReveal) {
  const table = make("table", { className: "pg-table" });
  const lossTable = make("table", { className: "pg-table" });
  const testFigure = createTestFigure(onReveal);
  const numbers = make("summary", {}, "Numbers of the curves");
  const folded = make("details", { className: "pg-more" }, numbers, lossTable);
  const children = [table, testFigure.element, folded];
  const element = make("div", { className: "pg-results", hidden: true }, ...children);

  function adopt(still) {
    const [first, second] = still.querySelectorAll(".pg-results .pg-table");
    table.replaceChildren(...first.childNodes);
    lossTable.replaceChildren(...second.childNodes);
    element.hidden = false;
  }

  function fill(run, ghost) {
    const caption = ghost ? "In brackets: the change from the previous run" : "Results of this run";
    fillTable(table, caption, ["Points", "Cross-entropy", "Accuracy"], resultRows(run, ghost));
    const columns = ["Epoch", "Training", "Validation"];
    fillTable(lossTable, "Cross-entropy over the epochs", columns, lossRows(run));
    element.hidden = false;
  }

  return { element, adopt, fill, reveal: testFigure.reveal };
}

/** The test figure, which shows when it is asked for, and how often that was. */
function createTestFigure(onReveal) {
  const says = make("span", { "aria-live": "polite" });
  const warning = "If you choose a setting by this number, it is no longer a fair test.";
  const children = [button("Reveal test", onReveal), make("span", {}, warning), says];
  let looks = 0;

  /** The test figure of this run, or nothing. */
  function reveal(run) {
    if (!run) says.textContent = "";
    if (!run || says.textContent) return;
    looks += 1;
    const { crossEntropy, accuracy } = run.test;
    says.textContent =
      `Test, fresh data: cross-entropy ${formatLoss(crossEntropy)}, accuracy ` +
      `${formatPercent(accuracy)}. You have looked ${looks === 1 ? "once" : `${looks} times`}.`;
  }

  return { element: make("div", { className: "pg-reveal" }, ...children), reveal };
}

/** What a slider that is held would do. */
export function holdText(name, value) {
  const { symbol, label } = KNOBS[name];
  return `Let go to train with ${symbol ?? label.toLowerCase()} = ${valueText(name, value)}`;
}

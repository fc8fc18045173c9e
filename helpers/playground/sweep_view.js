// What a reader sees of a sweep, and how it is filled.
import KNOBS from "./knobs.json" with { type: "json" };
import { button, fillTable, make } from "./elements.js";
import { legend } from "./legend.js";
import { describeSweep, readSweep, sweepRows } from "./sweep_results.js";
import { createSweepChart } from "./sweep_chart.js";

const CAPTION =
  "Geometric mean of the cross-entropy (lowest to highest of the seeds), and how many times the " +
  "lowest value's validation loss, seed by seed, with its 95% interval";

/** The elements of a sweep, at first over the setting `first`; onToggle starts or stops it. */
export function createSweepView(id, first, onToggle) {
  const select = createSelect(`${id}-sweep`, first);
  const toggle = button("Sweep", onToggle);
  const progress = make("span", { className: "pg-progress" });
  const label = make("label", { htmlFor: select.id }, "Sweep over");
  const row = make("div", { className: "pg-buttons" }, label, select, toggle, progress);
  const outcome = createOutcome();
  const element = make("div", { className: "pg-sweep" }, row, outcome.element);

  function begin(sentence) {
    toggle.textContent = "Stop sweep";
    outcome.element.hidden = false;
    outcome.say(sentence);
  }

  /** Show how a sweep ended; one that was stopped has fewer networks. */
  function finish({ knob, values, runs }, complete) {
    toggle.textContent = "Sweep";
    const says = readSweep(knob, values, runs);
    outcome.say(complete ? says : `Stopped early. ${says}`);
    outcome.draw({ knob, values, runs });
    outcome.fill(knob, values, runs);
  }

  return {
    element,
    begin,
    finish,
    say: outcome.say,
    draw: outcome.draw,
    chosen: () => select.value,
    setProgress: (text) => {
      progress.textContent = text;
    },
  };
}

/** The list of the settings that can be swept over. */
function createSelect(id, first) {
  const knobs = Object.keys(KNOBS).filter((name) => KNOBS[name].sweep);
  const choices = knobs.map((name) => make("option", { value: name }, KNOBS[name].label));
  const select = make("select", { id }, ...choices);
  select.value = first;
  return select;
}

/** The chart with its legend, the sentence and the table. */
function createOutcome() {
  const chart = createSweepChart();
  const entries = [
    ["train", "training"],
    ["val", "validation"],
    ["seed", "thin: one seed; thick: geometric mean"],
  ];
  const key = legend(entries, "Legend of the sweep");
  const figure = make("figure", { className: "pg-figure" }, chart.element, key);
  const summary = make("p", { className: "pg-summary", "aria-live": "polite" });
  const table = make("table", { className: "pg-table" });
  const numbers = make("summary", {}, "Numbers of the sweep");
  const folded = make("details", { className: "pg-more" }, numbers, table);
  const words = make("div", {}, summary, folded);
  const element = make("div", { className: "pg-swept", hidden: true }, figure, words);

  function fill(knob, values, runs) {
    chart.picture.setAttribute("aria-label", describeSweep(runs));
    const columns = [KNOBS[knob].label, "Training", "Validation", "Against the lowest"];
    fillTable(table, CAPTION, columns, sweepRows(knob, values, runs));
  }

  return {
    element,
    fill,
    draw: ({ knob, values, runs }) => chart.draw(knob, KNOBS[knob].label, values, runs),
    say: (sentence) => {
      summary.textContent = sentence;
    },
  };
}

// The sweep: one network for each value of a knob and each of ten seeds.
import { createRunner } from "./runner.js";
import { count, formatNumber } from "./format.js";
import KNOBS from "./knobs.json" with { type: "json" };
import { nextSeed, sweepOf } from "./state.js";
import { button, fillTable, make } from "./elements.js";
import { legend } from "./legend.js";
import { SWEEP_SEEDS, describeSweep, readSweep, sweepRows } from "./sweep_results.js";
import { createSweepChart } from "./sweep_chart.js";

/** The networks of a sweep, seed after seed, so that one that is stopped has whole seeds. */
export function sweepJobs(knob, base) {
  const seeds = Array.from({ length: SWEEP_SEEDS }, (_, seed) => ({
    data_seed: nextSeed(base.data_seed, seed),
    weights_seed: nextSeed(base.weights_seed, seed),
  }));
  return seeds.flatMap((seed) =>
    sweepOf(knob, base).map((value, i) => ({ i, settings: { ...base, ...seed, [knob]: value } })),
  );
}

/** How long the jobs that are left will take, once each of their values has been trained. */
function sweepTimeLeft(jobs, spent) {
  if (!jobs.every(({ i }) => spent[i].length)) return "";
  const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const seconds = jobs.reduce((sum, { i }) => sum + mean(spent[i]), 0) / 1000;
  return seconds < 90
    ? `, about ${formatNumber(Math.ceil(seconds))} s left`
    : `, about ${formatNumber(Math.ceil(seconds / 60))} min left`;
}

/** The elements of a sweep; it trains on a runner of its own. */
export function createSweep(id, first, getSettings, isCalm) {
  const knobs = Object.keys(KNOBS).filter((name) => KNOBS[name].sweep);
  const chart = createSweepChart();
  const choices = knobs.map((name) => make("option", { value: name }, KNOBS[name].label));
  const select = make("select", { id: `${id}-sweep` }, ...choices);
  const toggle = button("Sweep", () => (runner ? finish(false) : start()));
  const progress = make("span", { className: "pg-progress" });
  const summary = make("p", { className: "pg-summary", "aria-live": "polite" });
  const table = make("table", { className: "pg-table" });
  const figure = make(
    "figure",
    { className: "pg-figure" },
    chart.element,
    legend([
      ["train", "training"],
      ["val", "validation"],
      ["seed", "thin: one seed; thick: geometric mean"],
    ]),
  );
  const shown = make(
    "div",
    { className: "pg-swept", hidden: true },
    figure,
    make(
      "div",
      {},
      summary,
      make("details", { className: "pg-more" }, make("summary", {}, "Numbers of the sweep"), table),
    ),
  );
  const element = make(
    "div",
    { className: "pg-sweep" },
    make(
      "div",
      { className: "pg-buttons" },
      make("label", { htmlFor: select.id }, "Sweep over"),
      select,
      toggle,
      progress,
    ),
    shown,
  );
  select.value = first;
  let runner = null;
  let seen = true;
  let state = null; // {knob, values, runs, spent (milliseconds of each), jobs, total}

  function start() {
    const knob = select.value;
    const values = sweepOf(knob, getSettings());
    const jobs = sweepJobs(knob, getSettings());
    state = {
      knob,
      values,
      runs: values.map(() => []),
      spent: values.map(() => []),
      jobs,
      total: jobs.length,
    };
    runner = createRunner();
    toggle.textContent = "Stop sweep";
    summary.textContent =
      `Trains ${count(jobs.length, "network")}: ${values.length} values, ` +
      `${SWEEP_SEEDS} seeds each. All other settings stay as they were when the sweep began.`;
    shown.hidden = false;
    next();
  }

  function next() {
    const { jobs, total, runs, spent } = state;
    progress.textContent = `${total - jobs.length} of ${total} networks${jobs.length ? sweepTimeLeft(jobs, spent) : ""}`;
    if (!jobs.length) return finish(true);
    const job = jobs.shift();
    if (!isCalm()) draw();
    runner.run(job.settings, {
      onDone: (result) => {
        runs[job.i].push({ train: result.train.crossEntropy, val: result.val.crossEntropy });
        spent[job.i].push(result.ms);
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

  function finish(complete) {
    runner.dispose();
    runner = null;
    toggle.textContent = "Sweep";
    draw();
    const { knob, values, runs } = state;
    const says = readSweep(knob, values, runs);
    summary.textContent = complete ? says : `Stopped early. ${says}`;
    chart.picture.setAttribute("aria-label", describeSweep(runs));
    fillTable(
      table,
      "Geometric mean of the cross-entropy (lowest to highest of the seeds), and how many times the " +
        "lowest value's validation loss, seed by seed, with its 95% interval",
      [KNOBS[knob].label, "Training", "Validation", "Against the lowest"],
      sweepRows(knob, values, runs),
    );
  }

  function setSeen(now) {
    seen = now;
    if (runner) runner[seen ? "resume" : "pause"]();
  }

  return { element, setSeen, dispose: () => runner?.dispose() };
}

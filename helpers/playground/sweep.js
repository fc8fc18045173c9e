// The sweep: one network for each value of a knob and each of ten seeds.
import { createRunner } from "./runner.js";
import { count, formatNumber } from "./format.js";
import { nextSeed, sweepOf } from "./state.js";
import { SWEEP_SEEDS } from "./sweep_results.js";
import { createSweepView } from "./sweep_view.js";

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

/** A sweep: {element, setSeen, dispose}; it trains on a runner of its own. */
export function createSweep(id, first, getSettings, isCalm) {
  const view = createSweepView(id, first, () => (runner ? finish(false) : start()));
  let runner = null;
  let seen = true;
  let state = null; // {knob, values, runs, spent (milliseconds of each), jobs, total}

  function start() {
    const knob = view.chosen();
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
    view.begin(
      `Trains ${count(jobs.length, "network")}: ${values.length} values, ` +
        `${SWEEP_SEEDS} seeds each. All other settings stay as they were when the sweep began.`,
    );
    next();
  }

  function next() {
    const { jobs, total, runs, spent } = state;
    const left = jobs.length ? sweepTimeLeft(jobs, spent) : "";
    view.setProgress(`${total - jobs.length} of ${total} networks${left}`);
    if (!jobs.length) return finish(true);
    const job = jobs.shift();
    if (!isCalm()) view.draw(state);
    runner.train(job.settings, {
      onDone: (result) => {
        runs[job.i].push({ train: result.train.crossEntropy, val: result.val.crossEntropy });
        spent[job.i].push(result.ms);
        next();
      },
      onError: (message) => {
        finish(false);
        view.say(`The sweep could not go on: ${message}.`);
      },
    });
    if (!seen) runner.pause();
    return undefined;
  }

  function finish(complete) {
    runner.dispose();
    runner = null;
    view.finish(state, complete);
  }

  function setSeen(now) {
    seen = now;
    if (runner) runner[seen ? "resume" : "pause"]();
  }

  return { element: view.element, setSeen, dispose: () => runner?.dispose() };
}

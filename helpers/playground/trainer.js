// One playground's training: runs begin, pause, go on and end, and the view shows them.
import { createRunner } from "./runner.js";
import { contourInPlane, gridOver } from "./contour.js";
import { formatNumber } from "./format.js";
import { betterOf, readResult } from "./verdict.js";
import { gridSize, newRun, sameSettings } from "./run.js";

const LONG = 2000;
const SOON = 1000; // milliseconds: a run that takes LONG says so after SOON
const STEPS = [1, 2, 5];

/** The epoch to which a step goes: 1, 2, 5, 10, 20, 50 and so on. */
export function nextStop(epoch) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, epoch)));
  return [...STEPS, 10].map((step) => step * power).find((stop) => stop > epoch);
}

/** How long a run will still take, or nothing if it is short or nothing is known yet. */
export function timeLeft({ epoch, busy }, { epochs, patience }) {
  const total = (busy / epoch) * epochs;
  if (!epoch || busy < SOON || total < LONG) return "";
  const seconds = (total - busy) / 1000;
  const [amount, unit] = seconds < 90 ? [seconds, "s"] : [seconds / 60, "min"];
  const about = patience === null ? "about" : "at most about";
  return `, ${about} ${formatNumber(Math.ceil(amount))} ${unit} left`;
}

/**
 * `element` gets what scripts ask for as data attributes; onState(state, run) hears of each state:
 * idle, waiting (to be seen), training, done, error.
 */
export function createTrainer(element, view, isCalm, onState) {
  const runner = createRunner();
  let shown = null; // the settings of which the words are
  let run = null; // the run that is shown: its settings, curves so far and, when done, its results
  let ghost = null; // the finished run before it
  let best = null; // the finished run with the lowest validation loss on these points
  let paused = false; // by the reader
  let seen = true;
  let goal = 0; // the epoch to which the last step goes
  let held = ""; // what is said while the reader holds a slider
  let frame = 0;

  function setState(state) {
    element.dataset.state = state;
    const going = state === "training" || state === "waiting";
    view.setPlay(state === "done" ? "Run again" : going && !paused ? "Pause" : "Play");
    mark();
    onState(state, run);
  }

  const isGoing = () => run !== null && !run.done;
  const isWaiting = () => element.dataset.state === "waiting";

  /** Begin a run; one that is going on is canceled. */
  function start(settings, startPaused = false) {
    if (run?.done && !sameSettings(run.settings, settings)) ghost = run;
    paused = startPaused;
    run = newRun(settings);
    goal = 0;
    held = "";
    view.reveal(null);
    cancelAnimationFrame(frame);
    frame = 0;
    if (!seen) runner.cancel(); // else the new run takes its place
    showNumbers();
    if (seen) begin();
    else setState("waiting");
  }

  function begin() {
    const mine = run;
    const rows = gridSize(mine.settings);
    const columns = Math.round(rows * 1.35);
    mine.grid = { columns, rows };
    runner.train(mine.settings, {
      grid: gridOver(mine.plane, columns, rows),
      paused,
      onStart: (points) => onStart(mine, points),
      onProgress: (update) => onProgress(mine, update),
      onDone: (result) => onDone(mine, result),
      onError,
    });
    setState("training");
  }

  /** Make visible what on the page is of other settings than those that are asked for. */
  function mark() {
    const old = shown !== null && run !== null && !sameSettings(shown, run.settings);
    view.setOld({ figures: held !== "" || (old && !run.drawn), words: held !== "" || old });
    view.setBusy(held !== "" || isGoing());
  }

  function onStart(mine, points) {
    Object.assign(mine, { points, valPoints: points.y_val.length });
  }

  function onProgress(mine, update) {
    mine.add(update);
    showNumbers(update);
    if (!isCalm() && !frame) frame = requestAnimationFrame(draw);
  }

  function onDone(mine, result) {
    mine.add(result);
    mine.finish(result);
    draw();
    element.dataset.trainMs = result.ms.toFixed(1);
    const { kind, sentence } = readResult(mine, { before: ghost, best });
    element.dataset.verdict = kind;
    best = betterOf(mine, best);
    view.showResult(mine, ghost, sentence);
    shown = mine.settings;
    showNumbers();
    setState("done");
  }

  function onError(message) {
    run = null;
    setState("error");
    view.say(`The network could not be trained: ${message}.`);
  }

  /** The previous boundary means something only among points of the same kind. */
  function ghostLines() {
    return ghost?.settings.dataset === run.settings.dataset ? ghost.contour : [];
  }

  function draw() {
    frame = 0;
    if (!run?.field) return;
    const { plane } = view.figures;
    if (!run.drawn) plane.setPlane(run.plane);
    if (!run.drawn) plane.setPoints(run.points);
    run.drawn = true;
    run.contour = contourInPlane(run.field, run.grid.columns, run.grid.rows, run.plane);
    view.figures.draw(run, ghost, ghostLines());
    mark();
    element.dataset.frames = Number(element.dataset.frames ?? 0) + 1;
  }

  /** What changes all the time: for scripts on the element, for readers by the figure. */
  function showNumbers(update = {}) {
    const epoch = run.valLoss.length;
    const [train, val] = run.done
      ? [run.train.crossEntropy, run.val.crossEntropy]
      : [run.trainLoss[epoch - 1], run.valLoss[epoch - 1]];
    Object.assign(element.dataset, { epoch, trainLoss: train ?? "", valLoss: val ?? "" });
    const left = update.busy ? timeLeft(update, run.settings) : "";
    view.hint(
      held || `epoch ${formatNumber(epoch)} of ${formatNumber(run.settings.epochs)}${left}`,
    );
  }

  /** A slider moves, or is back where it was: then there is nothing to say. */
  function hold(text) {
    held = text;
    mark();
    if (run) showNumbers();
  }

  function togglePlay(settings) {
    if (!isGoing()) return start(settings);
    paused = !paused;
    if (!isWaiting()) runner[paused ? "pause" : "resume"]();
    return setState(element.dataset.state);
  }

  function step(settings) {
    if (!isGoing()) start(settings, true);
    if (!paused) runner.pause();
    paused = true;
    const from = Math.max(goal, run.valLoss.length);
    goal = Math.min(nextStop(from), run.settings.epochs);
    runner.step(goal);
    setState(element.dataset.state);
  }

  /** Train only what is seen: begin, pause or go on as the figure and the tab come and go. */
  function setSeen(now) {
    seen = now;
    if (seen && isWaiting()) begin();
    else if (isGoing() && !isWaiting() && !paused) runner[seen ? "resume" : "pause"]();
  }

  return {
    start,
    hold,
    togglePlay,
    step,
    setSeen,
    setState,
    engine: runner.engine,
    adopt: (settings) => {
      shown = settings;
    },
    finished: () => (run?.done ? run : null),
    begun: () => run !== null,
    forget: () => {
      [run, ghost] = [null, null];
    },
    dispose: () => {
      cancelAnimationFrame(frame);
      runner.dispose();
    },
  };
}

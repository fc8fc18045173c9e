// A run: what it gathers while it trains, and what of it goes to a Python kernel.
import KNOBS from "./knobs.json" with { type: "json" };
import { planeOf } from "./contour.js";

export function sameSettings(one, other) {
  return Object.keys(KNOBS).every((name) => one[name] === other[name]);
}

/** A run: its curves grow as updates come in. */
export function newRun(settings) {
  const train = new Float32Array(settings.epochs);
  const val = new Float32Array(settings.epochs);
  const run = {
    settings: { ...settings },
    plane: planeOf(settings),
    done: false,
    bestEpoch: 0,
    stoppedEpoch: null,
    trainLoss: train.subarray(0, 0),
    valLoss: val.subarray(0, 0),
    field: null,
    contour: [],
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
  run.finish = ({
    train: fit,
    val: held,
    test,
    weights,
    stoppedEpoch,
    restoredEpoch,
    diverged,
  }) => {
    Object.assign(run, {
      train: fit,
      val: held,
      test,
      weights,
      stoppedEpoch,
      restoredEpoch,
      diverged,
      done: true,
    });
  };
  return run;
}

/**
 * The results of a finished run as traits: losses as numbers (JSON knows no NaN: one that is
 * not finite is null), the weights as the bytes of float32 in Keras' order.
 */
export function report(run) {
  const finite = (value) => (Number.isFinite(value) ? value : null);
  const digits = (loss) => Number(loss.toPrecision(9)); // all that a float32 has
  const list = (losses) => Array.from(losses, (loss) => finite(digits(loss)));
  const weights = new Float32Array(run.weights.reduce((sum, part) => sum + part.length, 0));
  run.weights.reduce((at, part) => (weights.set(part, at), at + part.length), 0);
  return {
    epoch: run.valLoss.length,
    best_epoch: run.bestEpoch || null,
    stopped_epoch: run.stoppedEpoch,
    train_loss: finite(run.train.crossEntropy),
    val_loss: finite(run.val.crossEntropy),
    train_accuracy: finite(run.train.accuracy),
    val_accuracy: finite(run.val.accuracy),
    history: { train_loss: list(run.trainLoss), val_loss: list(run.valLoss) },
    trained: { ...run.settings },
    weights: new DataView(weights.buffer),
    state: "done",
  };
}

/** How fine the shading is: coarser for networks that take long to ask. */
export function gridSize({ width, depth }) {
  const multiplications = depth === 1 ? 4 * width : width * width;
  const rows = Math.round(Math.sqrt(4e7 / multiplications / 1.35));
  return Math.min(72, Math.max(24, rows));
}

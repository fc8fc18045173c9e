// A finished run in a table's rows and in the text alternatives of its pictures.
import { formatChange, formatLoss, formatNumber, formatPercent } from "./format.js";

const TABLE_ROWS = 12;

/** What the table says: losses and accuracies, each with its change from the previous run. */
export function resultRows(run, ghost) {
  const worse = { crossEntropy: 1, accuracy: -1 }; // a gap is positive where validation is worse
  const gap = (each, what) => worse[what] * (each.val[what] - each.train[what]);
  const changed = (now, before, digits) =>
    before === null ? "" : ` (${formatChange(now - before, digits)})`;
  const row = (name, of, loss, accuracy) => {
    const [now, before] = [run, ghost].map((each) => each && of(each, "crossEntropy"));
    const [right, formerly] = [run, ghost].map((each) => each && 100 * of(each, "accuracy"));
    return [
      name,
      loss(now) + changed(now, before, 3),
      accuracy(right / 100) + changed(right, formerly, 1),
    ];
  };
  const loss = (value) => formatLoss(value, 3);
  return [
    row("Training", (each, what) => each.train[what], loss, formatPercent),
    row("Validation", (each, what) => each.val[what], loss, formatPercent),
    row(
      "Validation is worse by",
      gap,
      formatChange,
      (value) => `${formatChange(100 * value, 1)} points`,
    ),
  ];
}

/** About a dozen epochs from first to last, the best one among them. */
function tableEpochs(run) {
  const last = run.valLoss.length;
  const epochs = new Set([run.bestEpoch || 1, last]);
  for (let i = 0; i < TABLE_ROWS; i += 1) {
    epochs.add(1 + Math.round(((last - 1) * i) / (TABLE_ROWS - 1)));
  }
  return [...epochs].filter((epoch) => epoch >= 1 && epoch <= last).sort((a, b) => a - b);
}

/** The rows of the table of losses over the epochs. */
export function lossRows(run) {
  return tableEpochs(run).map((epoch) => [
    formatNumber(epoch),
    formatLoss(run.trainLoss[epoch - 1]),
    formatLoss(run.valLoss[epoch - 1]),
  ]);
}

// The text alternatives leave out the words of the labels ("Epochs", "Training points"), so that
// who looks for a control by its label finds the control only.

export function describePlane(run) {
  const { dataset, n_train } = run.settings;
  return (
    `Decision boundary among the points (${dataset}): ${formatNumber(n_train)} to train, ` +
    `${formatNumber(run.valPoints)} to validate, two classes. The network is right on ` +
    `${formatPercent(run.train.accuracy)} of the former and ` +
    `${formatPercent(run.val.accuracy)} of the latter.`
  );
}

export function describeCurves(run) {
  const [train, val] = [run.trainLoss, run.valLoss];
  const last = val.length - 1;
  const at = (epoch) => `at epoch ${formatNumber(epoch)}`;
  const best = run.bestEpoch
    ? `, lowest ${formatLoss(val[run.bestEpoch - 1])} ${at(run.bestEpoch)}`
    : "";
  const stopped = run.stoppedEpoch ? ` Early stopping ended it ${at(run.stoppedEpoch)}.` : "";
  return (
    `Cross-entropy from epoch 1 to ${formatNumber(last + 1)}: ` +
    `training from ${formatLoss(train[0])} to ${formatLoss(train[last])}, ` +
    `validation from ${formatLoss(val[0])} to ${formatLoss(val[last])}${best}.${stopped}`
  );
}

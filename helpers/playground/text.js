// Words: how a setting is spoken, the sentence that reads a result, and the same network in Keras.
import { KNOBS } from "./state.js";

const GUESSING = Math.LN2; // the cross-entropy of saying 1/2 to everything

/** A setting's value as it stands beside its slider. */
export function valueText(name, value) {
  const knob = KNOBS[name];
  if ("off" in knob && value === knob.off) return "off";
  if (knob.flag) return value ? "on" : "off";
  return typeof value === "number" ? formatNumber(value) : String(value);
}

/** A setting's value as a screen reader speaks it. */
export function spokenText(name, value) {
  if (name === "patience") return value === null ? "no early stopping" : `patience ${count(value, "epoch")}`;
  if (name === "n_train") return count(value, "training point");
  if (name === "epochs") return count(value, "epoch");
  if (name === "width") return `${count(value, "unit")} in each hidden layer`;
  if (name === "dropout" && value === 0) return "no dropout";
  return `${KNOBS[name].label} ${valueText(name, value)}`;
}

export function count(number, noun) {
  return `${formatNumber(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function formatNumber(value) {
  return Math.abs(value) >= 1000 ? value.toLocaleString("en-US") : String(Number(value.toPrecision(6)));
}

/** A loss with as many digits as one can use, or with three. */
export function formatLoss(value, digits = value < 0.0995 ? 3 : 2) {
  if (!Number.isFinite(value)) return "not a number";
  if (value >= 100) return value.toExponential(1);
  if (value > 0 && value < 0.001) return "< 0.001";
  return value.toFixed(digits);
}

export function formatPercent(value) {
  return `${(100 * value).toFixed(1)}%`;
}

/** A change with its sign; the sign is a real minus, and nothing changed reads "0". */
export function formatChange(value, digits = 3) {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return "0";
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** The loss that flipped labels leave to a network that knows how many there are (their entropy). */
function floorOf(share) {
  return share > 0 ? -share * Math.log(share) - (1 - share) * Math.log(1 - share) : 0;
}

/**
 * Read a result: {kind, sentence}. The rules, in this order; all losses are cross-entropies, the
 * best is the lowest validation loss of the run, the end is what the figure shows (after the
 * best weights came back, if they did).
 *   diverged       the loss was no longer a number.
 *   overfits       validation ends 10% and 0.02 above its best, while training is lower than then.
 *   still falling  nothing stopped the run, and the last tenth of the epochs brought a best
 *                  validation loss 2% below all before it.
 *   underfits      training ends nearer to guessing than to its floor (0, or what flipped labels
 *                  leave), and validation is at most 0.1 above it.
 *   gap            validation is near its best, but twice the training loss and 0.1 above it.
 *   fits           none of these.
 */
export function readResult(run) {
  const { settings, trainLoss, valLoss, bestEpoch, restoredEpoch, train, val } = run;
  const epochs = valLoss.length;
  if (run.diverged) {
    const says = `the loss was no longer a number after ${count(epochs, "epoch")}.`;
    return { kind: "diverged", sentence: `Diverged: ${says}` };
  }
  const [fit, end, best] = [train.crossEntropy, val.crossEntropy, valLoss[bestEpoch - 1] ?? Infinity];
  const [fitText, endText, bestText] = [fit, end, best].map((loss) => formatLoss(loss));
  const gap = end - fit;

  if (end > 1.1 * best && end > best + 0.02 && fit < trainLoss[bestEpoch - 1]) {
    return { kind: "overfits", sentence: `Overfits: validation loss ${endText} is ` +
      `${(end / best).toFixed(1)} times its best, ${bestText} at epoch ${formatNumber(bestEpoch)}.` };
  }
  if (!run.stoppedEpoch && isStillFalling(valLoss, bestEpoch)) {
    return { kind: "still falling", sentence: `Still falling: validation loss ${endText} was at its ` +
      `lowest at epoch ${formatNumber(bestEpoch)} of ${formatNumber(epochs)}; train longer.` };
  }
  const floor = floorOf(settings.label_noise);
  if (fit - floor > GUESSING - fit && gap < 0.1) {
    const least = floor ? `${formatLoss(floor)}, which the flipped labels leave` : "0";
    return { kind: "underfits", sentence: `Underfits: training loss ${fitText} is nearer to guessing, ` +
      `${formatLoss(GUESSING)}, than to ${least}.` };
  }
  const where = restoredEpoch
    ? `is that of epoch ${formatNumber(restoredEpoch)}, which early stopping brought back`
    : `is close to its best, ${bestText} at epoch ${formatNumber(bestEpoch)}`;
  if (end > 2 * fit && gap > 0.1) {
    return { kind: "gap", sentence: `A gap: validation loss ${endText} ${where}, but ` +
      `it is ${formatLoss(gap)} above the training loss.` };
  }
  const side = gap < 0 ? "below" : "above";
  return { kind: "fits", sentence: `Fits: validation loss ${endText} ${where}, and ` +
    `${formatLoss(Math.abs(gap))} ${side} the training loss.` };
}

function isStillFalling(valLoss, bestEpoch) {
  const last = Math.floor(0.9 * valLoss.length);
  if (bestEpoch <= last) return false;
  let before = Infinity;
  for (let i = 0; i < last; i += 1) before = Math.min(before, valLoss[i]);
  return valLoss[bestEpoch - 1] < 0.98 * before;
}

/** What a finished sweep showed: the lowest mean validation loss, and both ends of the range. */
export function readSweep(knob, values, runs) {
  const mean = (losses) => losses.reduce((sum, each) => sum + each, 0) / losses.length;
  const rows = values.map((value, i) => ({ value, losses: runs[i].map((run) => run.val) }))
    .filter((row) => row.losses.length > 0 && row.losses.every(Number.isFinite))
    .map((row) => ({ value: row.value, loss: mean(row.losses) }));
  if (!rows.length) return "The sweep has no result yet.";
  const best = rows.reduce((a, b) => (b.loss < a.loss ? b : a));
  const at = (row) => spokenText(knob, row.value);
  const ends = [rows[0], rows[rows.length - 1]].filter((row) => row !== best);
  const others = ends.map((row) => `${formatLoss(row.loss)} with ${at(row)}`).join(" and ");
  return `Mean validation loss is lowest, ${formatLoss(best.loss)}, with ${at(best)}` +
    `${others ? `; it is ${others}` : ""}.`;
}

// ---- The same setting as a Keras script ----------------------------------------------------------

const DATA_CODE = {
  moons: `def draw(n, seed):
    return make_moons(n, noise=NOISE, random_state=seed)`,
  circles: `def draw(n, seed):
    return make_circles(n, noise=NOISE, factor=0.5, random_state=seed)`,
  xor: `def draw(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, size=(n, 2))
    y = (x[:, 0] * x[:, 1] < 0).astype(int)
    return x + NOISE * rng.standard_normal((n, 2)), y`,
  spiral: `def draw(n, seed):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    u = rng.uniform(0, 1, size=n)
    radius, angle = 0.2 + 1.5 * u, 2.5 * np.pi * u + np.pi * y
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return x + NOISE * rng.standard_normal((n, 2)), y`,
};

function layersCode({ width, depth, dropout, l2 }) {
  const penalty = l2 ? `, kernel_regularizer=keras.regularizers.L2(${l2})` : "";
  const hidden = [`    keras.layers.Dense(${width}, activation="relu"${penalty}),`];
  if (dropout) hidden.push(`    keras.layers.Dropout(${dropout}),`);
  return Array(depth).fill(hidden).flat().join("\n");
}

function stoppingCode({ patience, min_delta, restore }) {
  if (patience === null) return { callbacks: "[]", code: "" };
  return { callbacks: "[stopping]", code: `stopping = keras.callbacks.EarlyStopping(
    monitor="val_cross_entropy", mode="min", patience=${patience}, min_delta=${min_delta},
    restore_best_weights=${restore ? "True" : "False"},
)
` };
}

/** A Python script that trains this network on data from the same distribution. */
export function kerasCode(settings) {
  const { dataset, noise, label_noise, n_train, epochs, data_seed, weights_seed } = settings;
  const maker = { moons: "make_moons", circles: "make_circles" }[dataset];
  const stopping = stoppingCode(settings);
  const flips = label_noise ? `
# Label noise: some training labels are flipped.
rng = np.random.default_rng(${data_seed})
flipped = rng.choice(${n_train}, size=${Math.round(label_noise * n_train)}, replace=False)
y_train[flipped] = 1 - y_train[flipped]
` : "";
  const data = maker ? [`from sklearn.datasets import ${maker}`] : [];
  // Lists, as the bundle leaves out lines of this file that begin with "import".
  const imports = ["import keras", ...(maker && !label_noise ? [] : ["import numpy as np"]), ...data];
  return `# The playground's network and data distribution. The points and the initial weights
# are drawn by other random numbers than in the browser, so the figures differ a little.
${imports.join("\n")}

NOISE = ${noise}


${DATA_CODE[dataset]}


x, y = draw(${n_train} + 70, ${data_seed})
y = y[:, None]  # one column, as the network's output has
x_train, y_train = x[:${n_train}], y[:${n_train}]
x_val, y_val = x[${n_train}:], y[${n_train}:]
${flips}
keras.utils.set_random_seed(${weights_seed})
model = keras.Sequential([
    keras.Input((2,)),
${layersCode(settings)}
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(
    optimizer=keras.optimizers.Adam(0.001),
    loss="binary_crossentropy",
    metrics=["accuracy", keras.metrics.BinaryCrossentropy(name="cross_entropy")],
)
${stopping.code}history = model.fit(
    x_train, y_train, validation_data=(x_val, y_val),
    epochs=${epochs}, batch_size=${n_train}, callbacks=${stopping.callbacks}, verbose=0,
)
for name, part in (("train", (x_train, y_train)), ("validation", (x_val, y_val))):
    scores = model.evaluate(*part, verbose=0, return_dict=True)
    print(f"{name}: cross-entropy {scores['cross_entropy']:.3f}, accuracy {scores['accuracy']:.3f}")
`;
}

/**
 * The network of the book in plain JavaScript: one or two hidden layers of ReLU units, a sigmoid
 * output, binary cross-entropy, Adam, full batch. It counts as Keras does; a test compares both.
 *
 * Everything but the check of the settings stands inside one function, as its source text is what
 * the Web Worker runs.
 */
import { fillSettings } from "./state.js";

export function engine() {
  const N_VAL = 70;
  const N_TEST = 2000;
  const LN2_HIGH = 0.6931471803691238;
  const LN2_LOW = 1.9082149292705877e-10; // their sum is ln 2
  const LARGEST_POWER = 1020;
  const POWERS = powersOfTwo();
  const INVERSES = Float64Array.from({ length: 15 }, (_, i) => 1 / i);
  const LEARNING_RATE = 0.001;
  const BETA_1 = 0.9;
  const BETA_2 = 0.999;
  const EPSILON = 1e-7; // as in Keras

  function powersOfTwo() {
    const powers = new Float64Array(2 * LARGEST_POWER + 1).fill(1);
    for (let k = 1; k <= LARGEST_POWER; k++) {
      powers[LARGEST_POWER + k] = 2 * powers[LARGEST_POWER + k - 1];
      powers[LARGEST_POWER - k] = powers[LARGEST_POWER - k + 1] / 2;
    }
    return powers;
  }

  // Random numbers. Number k of a stream is mix(mix(k) + key): from 32 bits to 32 bits, and it
  // needs no number before it. Each purpose has a key of its own, whatever the seeds.

  const PURPOSES = ["train", "val", "test", "flips", "kernel1", "kernel2", "output", "masks"];
  const FIRST = 2 ** 24;
  const FIRST_MASK = 2 ** 25; // where k begins; keys are of numbers below 2 ** 23

  /** A hash that loses nothing, "lowbias32" (Wellons 2018): no two numbers give the same one. */
  function mix(t) {
    t = Math.imul(t ^ (t >>> 16), 0x7feb352d);
    t = Math.imul(t ^ (t >>> 15), 0x846ca68b);
    return t ^ (t >>> 16);
  }

  function keyOf(seed, purpose) {
    return mix(8 * seed + PURPOSES.indexOf(purpose));
  }

  /** Numbers in [0, 1). */
  function stream(seed, purpose) {
    const key = keyOf(seed, purpose);
    let k = FIRST;
    return () => (mix(mix(k++) + key) >>> 0) / 2 ** 32;
  }

  // Data

  /** Where a point of a class lies before noise; u and v are uniform in [0, 1). */
  const DATASETS = {
    /** Two interleaving half circles of radius 1, as scikit-learn's make_moons. */
    moons(label, u) {
      const x = Math.cos(Math.PI * u);
      const y = Math.sin(Math.PI * u);
      return label ? [1 - x, 0.5 - y] : [x, y];
    },
    /** A circle of radius 1 (class 0) around a circle of radius 0.5 (class 1). */
    circles(label, u) {
      const radius = label ? 0.5 : 1;
      return [radius * Math.cos(2 * Math.PI * u), radius * Math.sin(2 * Math.PI * u)];
    },
    /** A square from -1 to 1; class 1 where the two coordinates differ in sign. */
    xor(label, u, v) {
      const x = 2 * u - 1;
      return [x, x > 0 === (label === 0) ? v : -v];
    },
    /** Two arms, half a turn apart, that make 1 1/4 turns while the radius grows to 1.7. */
    spiral(label, u) {
      const radius = 0.2 + 1.5 * u;
      const angle = 2.5 * Math.PI * u + Math.PI * label;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    },
  };

  /** Draw n points, the classes by turns. More points or more noise leave the draws alike. */
  function draw(dataset, noise, n, random) {
    const x = new Float32Array(2 * n);
    const y = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      y[i] = i % 2;
      const point = DATASETS[dataset](y[i], random(), random());
      const radius = noise * Math.sqrt(-2 * Math.log(1 - random())); // Box and Muller's method
      const angle = 2 * Math.PI * random();
      x[2 * i] = point[0] + radius * Math.cos(angle);
      x[2 * i + 1] = point[1] + radius * Math.sin(angle);
    }
    return { x, y };
  }

  /** Draw training, validation and test points; flip a share of the training labels. */
  function drawData({ dataset, noise, label_noise, n_train, data_seed }) {
    const part = (purpose, size) => draw(dataset, noise, size, stream(data_seed, purpose));
    const data = {
      train: part("train", n_train),
      val: part("val", N_VAL),
      test: part("test", N_TEST),
    };
    const labels = data.train.y;
    const random = stream(data_seed, "flips");
    const ticket = Array.from(labels, () => random());
    const order = [...ticket.keys()].sort((a, b) => ticket[a] - ticket[b]);
    for (const i of order.slice(0, Math.round(label_noise * n_train))) labels[i] = 1 - labels[i];
    return data;
  }

  // State. All parameters stand in one array: for each unit of the first layer its two weights
  // and its bias, then the second layer's kernel and biases, then the output's.

  let settings, parts, masks, n, width, units, second, last;
  let parameters, means, squares, best; // best: the parameters of the best epoch
  let trainX, trainY, valX, valY; // coordinates, one array each
  let logits, noisy, valLogits; // noisy: of the training points under dropout
  let delta; // derivative of the loss with respect to each training point's logit
  let keep; // the masks of each hidden layer, a unit's points side by side
  let places, maskKeys; // mix(k) for the masks of each layer; the stream of the epochs' keys
  let passing, ends; // depth 1: the points that each unit lets pass, and where its list ends
  let scaled, scaledX, scaledY; // depth 1: delta, delta * x and delta * y
  let h1, h2, d2; // depth 2: the activations of both layers, derivatives before the second ReLU
  let row, amounts, starts; // depth 2: a row's gradient; activations above 0 and their rows
  let epoch, stopper, lowest, bestEpoch, stoppedEpoch, diverged, done;
  let fading1, fading2; // the betas to the power of the epoch

  /** One coordinate of points that are given as x, y, x, y, ... */
  function column(xy, which) {
    const values = new Float64Array(xy.length / 2);
    for (let i = 0; i < values.length; i++) values[i] = xy[2 * i + which];
    return values;
  }

  /** Set up a new run. Overrides, for tests: data, initial weights and masks. */
  function configure(given = {}, overrides = {}) {
    settings = fillSettings(given);
    parts = overrides.data ? adopt(overrides.data) : drawData(settings);
    masks = overrides.masks;
    n = parts.train.y.length;
    width = settings.width;
    units = settings.depth === 1 ? width + (width % 2) : width; // an even number: see forwardOne
    second = 3 * units;
    last = second + (settings.depth === 2 ? units * units + units : 0);
    const size = last + units + 1;
    [parameters, means, squares, best] = Array.from({ length: 4 }, () => new Float64Array(size));
    setWeights(overrides.weights ?? initial());
    [trainX, trainY] = [0, 1].map((which) => column(parts.train.x, which));
    [valX, valY] = [0, 1].map((which) => column(parts.val.x, which));
    [logits, noisy, delta] = Array.from({ length: 3 }, () => new Float64Array(n));
    valLogits = new Float64Array(parts.val.y.length);
    const pairs = Math.ceil((n * units) / 2);
    places = [...Array(settings.depth).keys()].map((layer) =>
      Int32Array.from({ length: pairs }, (_, k) => mix(FIRST_MASK + layer * pairs + k)),
    );
    keep = places.map(() => new Uint8Array(2 * pairs).fill(1));
    maskKeys = stream(settings.weights_seed, "masks");
    if (settings.depth === 1) {
      passing = new Int32Array(n * units);
      ends = new Int32Array(units);
      [scaled, scaledX, scaledY] = Array.from({ length: 3 }, () => new Float64Array(n));
    } else {
      [h1, h2] = [0, 1].map(() => new Float64Array((n + 1) * width)); // one row to spare
      d2 = new Float64Array(n * width);
      row = new Float64Array(width);
      amounts = new Float64Array(width + 3);
      starts = new Int32Array(width + 3);
    }
    epoch = bestEpoch = 0;
    fading1 = fading2 = 1;
    lowest = Infinity;
    stoppedEpoch = null;
    diverged = done = false;
    stopper = settings.patience === null ? null : earlyStopping(settings);
    drawMasks();
    pass(false);
  }

  /** Take data that are given. */
  function adopt(data) {
    const part = (name) => ({
      x: Float32Array.from(data[`x_${name}`] ?? []),
      y: Uint8Array.from(data[`y_${name}`] ?? []),
    });
    return { train: part("train"), val: part("val"), test: part("test") };
  }

  /** Draw Glorot's uniform kernels, a stream for each; biases are 0. */
  function initial() {
    const kernel = (purpose, inputs, outputs) => {
      const random = stream(settings.weights_seed, purpose);
      const limit = Math.sqrt(6 / (inputs + outputs));
      return Array.from({ length: inputs * outputs }, () => limit * (2 * random() - 1));
    };
    const between = settings.depth === 2 ? [kernel("kernel2", width, width), []] : [];
    return [kernel("kernel1", 2, width), [], ...between, kernel("output", width, 1), []];
  }

  /** The length of each of Keras' arrays, and where its element k stands. */
  function layout() {
    const between = [
      [width * width, (k) => second + k],
      [width, (k) => second + width * width + k],
    ];
    return [
      [2 * width, (k) => 3 * (k % width) + Math.floor(k / width)],
      [width, (k) => 3 * k + 2],
      ...(settings.depth === 2 ? between : []),
      [width, (k) => last + k],
      [1, () => last + units],
    ];
  }

  function setWeights(arrays) {
    layout().forEach(([, at], a) =>
      arrays[a].forEach((w, k) => {
        parameters[at(k)] = w;
      }),
    );
  }

  /** The arrays of model.get_weights(): kernels (inputs x units, row by row) and biases. */
  function weights() {
    const copy = (length, at) => Float32Array.from({ length }, (_, k) => parameters[at(k)]);
    return layout().map(([length, at]) => copy(length, at));
  }

  // Training

  /** Draw which activations the next step keeps. */
  function drawMasks() {
    const given = masks && masks[epoch];
    if (given) {
      keep.forEach((kept, layer) =>
        given[layer].forEach((value, k) => {
          kept[(k % width) * n + Math.floor(k / width)] = value; // given point by point
        }),
      );
    } else if (settings.dropout > 0) {
      const key = (maskKeys() * 2 ** 32) | 0;
      const threshold = Math.round(settings.dropout * 65536);
      keep.forEach((kept, layer) => fillMasks(kept, places[layer], key, threshold));
    }
  }

  /**
   * Two masks from the halves of each number: 0 below the threshold, else 1. Whole numbers alone
   * and a function of its own, or else Safari computes all of it with decimals, and slowly.
   */
  function fillMasks(kept, hashes, key, threshold) {
    for (let k = 0, count = hashes.length; k < count; k++) {
      const bits = mix((hashes[k] + key) | 0);
      kept[2 * k] = (((bits & 65535) - threshold) >> 31) + 1;
      kept[2 * k + 1] = (((bits >>> 16) - threshold) >> 31) + 1;
    }
  }

  /**
   * The exponential function, of nothing but arithmetic. Browsers round Math.exp differently in the
   * last digit, and where a strong penalty makes Adam oscillate that grows to a hundredth.
   */
  function exp(x) {
    if (!(Math.abs(x) < 700)) return Math.exp(x); // as good as 0 or infinite, or NaN
    const k = Math.round(x * Math.LOG2E);
    const r = x - k * LN2_HIGH - k * LN2_LOW; // |r| <= ln 2 / 2
    let sum = 1;
    for (let i = 14; i > 0; i--) sum = 1 + sum * r * INVERSES[i]; // Taylor's series
    return sum * POWERS[k + LARGEST_POWER];
  }

  /** One step of Adam on parameter i, with Keras' formula; rate is corrected for the start. */
  function adam(i, gradient, rate) {
    const mean = (means[i] += (gradient - means[i]) * (1 - BETA_1));
    const square = (squares[i] += (gradient * gradient - squares[i]) * (1 - BETA_2));
    return (parameters[i] -= (rate * mean) / (Math.sqrt(square) + EPSILON));
  }

  /** Learn from the last logits, if asked to; then compute all logits with the new parameters. */
  function pass(learn) {
    const deep = settings.depth === 2;
    const drops = settings.dropout > 0;
    if (learn) {
      fading1 *= BETA_1;
      fading2 *= BETA_2;
      const rate = (LEARNING_RATE * Math.sqrt(1 - fading2)) / (1 - fading1);
      adam(
        last + units,
        delta.reduce((sum, d) => sum + d, 0),
        rate,
      );
      if (deep) learnTwo(rate);
      else learnOne(rate);
    }
    if (deep) forwardTrainTwo();
    else forwardTrainOne();
    forward(valX, valY, valLogits);
    const labels = parts.train.y;
    const inTraining = drops ? noisy : logits;
    for (let s = 0; s < n; s++) delta[s] = (1 / (1 + exp(-inTraining[s])) - labels[s]) / n;
  }

  /** Compute logits in inference mode. */
  function forward(x, y, found) {
    if (settings.depth === 1) forwardOne(x, y, found);
    else {
      found.forEach((_, s) => {
        found[s] = forwardTwo(x[s], y[s], n, false);
      });
    }
  }

  // One hidden layer. The loops run over the units, two at a time, and inside over the points. So
  // a unit's parameters stay in the processor's registers, and each point serves two units at
  // once. There is no branch on z > 0: the processor would guess wrong too often.

  /** Add what each unit contributes to the logits; (z + |z|) / 2 is ReLU of z. */
  function forwardOne(xs, ys, found) {
    const p = parameters;
    const count = found.length;
    found.fill(p[last + units]);
    for (let j = 0; j < units; j += 2) {
      const k = 3 * j;
      const out1 = p[last + j] / 2;
      const out2 = p[last + j + 1] / 2;
      const x1 = p[k];
      const y1 = p[k + 1];
      const b1 = p[k + 2];
      const x2 = p[k + 3];
      const y2 = p[k + 4];
      const b2 = p[k + 5];
      for (let s = 0; s < count; s++) {
        const x = xs[s];
        const y = ys[s];
        const z1 = x1 * x + y1 * y + b1;
        const z2 = x2 * x + y2 * y + b2;
        found[s] += out1 * (z1 + Math.abs(z1)) + out2 * (z2 + Math.abs(z2));
      }
    }
  }

  /** The same for the training points. Also list, for each unit, the points that it lets pass. */
  function forwardTrainOne() {
    const p = parameters;
    const xs = trainX;
    const ys = trainY;
    const found = logits;
    const list = passing;
    const count = n;
    const kept = keep[0];
    found.fill(p[last + units]);
    for (let j = 0; j < units; j += 2) {
      const k = 3 * j;
      const at1 = j * count;
      const at2 = at1 + count;
      const out1 = p[last + j] / 2;
      const out2 = p[last + j + 1] / 2;
      const x1 = p[k];
      const y1 = p[k + 1];
      const b1 = p[k + 2];
      const x2 = p[k + 3];
      const y2 = p[k + 4];
      const b2 = p[k + 5];
      let end1 = at1;
      let end2 = at2;
      for (let s = 0; s < count; s++) {
        const x = xs[s];
        const y = ys[s];
        const z1 = x1 * x + y1 * y + b1;
        const z2 = x2 * x + y2 * y + b2;
        found[s] += out1 * (z1 + Math.abs(z1)) + out2 * (z2 + Math.abs(z2));
        list[end1] = list[end2] = s; // overwritten by the next point unless the end moves on
        end1 += (z1 > 0) & kept[at1 + s];
        end2 += (z2 > 0) & kept[at2 + s];
      }
      ends[j] = end1;
      ends[j + 1] = end2;
    }
    if (settings.dropout > 0) forwardDropped();
  }

  /** The training points' logits under dropout: each unit adds to the points it lets pass. */
  function forwardDropped() {
    const p = parameters;
    const xs = trainX;
    const ys = trainY;
    const scale = 1 / (1 - settings.dropout);
    const found = noisy;
    const list = passing;
    found.fill(p[last + units]);
    for (let j = 0; j < units; j++) {
      const wx = p[3 * j];
      const wy = p[3 * j + 1];
      const b = p[3 * j + 2];
      const out = scale * p[last + j];
      const end = ends[j];
      for (let k = j * n; k < end; k++) {
        const s = list[k];
        found[s] += out * (wx * xs[s] + wy * ys[s] + b);
      }
    }
  }

  /**
   * Backpropagation. For each unit sum delta, delta * x and delta * y over the points that it lets
   * pass. Its activation is linear there, so that these sums give all its four derivatives.
   */
  function learnOne(rate) {
    const p = parameters;
    const scale = 1 / (1 - settings.dropout);
    const l2 = 2 * settings.l2;
    const list = passing;
    const [d, dx, dy] = [scaled, scaledX, scaledY];
    for (let s = 0; s < n; s++) {
      d[s] = scale * delta[s];
      dx[s] = d[s] * trainX[s];
      dy[s] = d[s] * trainY[s];
    }
    for (let j = 0; j < units; j++) {
      let sum = 0;
      let sumX = 0;
      let sumY = 0;
      const end = ends[j];
      for (let k = j * n; k < end; k++) {
        const s = list[k];
        sum += d[s];
        sumX += dx[s];
        sumY += dy[s];
      }
      const k = 3 * j;
      const wx = p[k];
      const wy = p[k + 1];
      const b = p[k + 2];
      const out = p[last + j];
      adam(k, out * sumX + l2 * wx, rate);
      adam(k + 1, out * sumY + l2 * wy, rate);
      adam(k + 2, out * sum, rate);
      adam(last + j, wx * sumX + wy * sumY + b * sum, rate);
    }
  }

  // Two hidden layers. Nearly all time goes into the second kernel. Its rows are left out where
  // the unit below is closed, and taken several at a time.

  function forwardTrainTwo() {
    const drops = settings.dropout > 0;
    const found = drops ? noisy : logits;
    if (drops) forward(trainX, trainY, logits);
    for (let s = 0; s < n; s++) found[s] = forwardTwo(trainX[s], trainY[s], s, drops);
  }

  /** Return the logit of a point; its activations are left in row s of h1 and h2. */
  function forwardTwo(x, y, s, drops) {
    const p = parameters;
    const count = units;
    const scale = drops ? 1 / (1 - settings.dropout) : 1;
    const at = s * count;
    const [keep1, keep2] = keep;
    const biases = second + count * count;
    const above = h2;
    let open = 0;
    for (let i = 0; i < count; i++) {
      const z = p[3 * i] * x + p[3 * i + 1] * y + p[3 * i + 2];
      const h = (h1[at + i] = z > 0 && (!drops || keep1[i * n + s]) ? z * scale : 0);
      above[at + i] = p[biases + i];
      if (h === 0) continue;
      amounts[open] = h;
      starts[open++] = second + i * count;
    }
    for (let i = open; i % 4; i++) [amounts[i], starts[i]] = [0, second]; // fill up with nothing
    for (let i = 0; i < open; i += 4) {
      const a = amounts[i];
      const b = amounts[i + 1];
      const c = amounts[i + 2];
      const d = amounts[i + 3];
      const ka = starts[i];
      const kb = starts[i + 1];
      const kc = starts[i + 2];
      const kd = starts[i + 3];
      for (let j = 0; j < count; j++) {
        above[at + j] += a * p[ka + j] + b * p[kb + j] + c * p[kc + j] + d * p[kd + j];
      }
    }
    let logit = p[last + count];
    for (let j = 0; j < count; j++) {
      const h = above[at + j] > 0 && (!drops || keep2[j * n + s]) ? above[at + j] * scale : 0;
      above[at + j] = h;
      logit += h * p[last + j];
    }
    return logit;
  }

  /** Backpropagation. An activation above 0 is one that was let pass. */
  function learnTwo(rate) {
    const p = parameters;
    const count = units;
    const l2 = 2 * settings.l2;
    const scale = 1 / (1 - settings.dropout);
    const biases = second + count * count;
    const gradient = row;
    const slope = d2;
    for (let j = 0; j < count; j++) {
      let out = 0;
      let sum = 0;
      for (let s = 0, k = j; s < n; s++, k += count) {
        out += delta[s] * h2[k];
        sum += slope[k] = h2[k] > 0 ? delta[s] * p[last + j] * scale : 0;
      }
      adam(last + j, out, rate);
      adam(biases + j, sum, rate);
    }
    for (let i = 0; i < count; i++) {
      const start = second + i * count;
      let sumX = 0;
      let sumY = 0;
      let sum = 0;
      gradient.fill(0);
      for (let s = 0; s < n; s++) {
        const k = s * count;
        const h = h1[k + i];
        if (h === 0) continue;
        let d = 0;
        for (let j = 0; j < count; j++) {
          gradient[j] += h * slope[k + j];
          d += p[start + j] * slope[k + j];
        }
        d *= scale;
        sumX += d * trainX[s];
        sumY += d * trainY[s];
        sum += d;
      }
      for (let j = 0; j < count; j++) adam(start + j, gradient[j] + l2 * p[start + j], rate);
      adam(3 * i, sumX + l2 * p[3 * i], rate);
      adam(3 * i + 1, sumY + l2 * p[3 * i + 1], rate);
      adam(3 * i + 2, sum, rate);
    }
  }

  /** A point's cross-entropy, from its logit: the logarithm of a rounded probability is inexact. */
  function pointLoss(z, y) {
    return Math.max(z, 0) - y * z + Math.log1p(Math.exp(-Math.abs(z)));
  }

  /** Mean cross-entropy. */
  function crossEntropy(z, y) {
    let sum = 0;
    for (let s = 0; s < z.length; s++) sum += pointLoss(z[s], y[s]);
    return sum / z.length;
  }

  /** Train for up to `epochs` more epochs. */
  function train(epochs) {
    const most = done ? 0 : Math.min(epochs, settings.epochs - epoch);
    const trainLoss = new Float32Array(most);
    const valLoss = new Float32Array(most);
    let k = 0;
    while (k < most && !done) {
      epoch++;
      drawMasks();
      pass(true);
      trainLoss[k] = crossEntropy(logits, parts.train.y);
      valLoss[k] = crossEntropy(valLogits, parts.val.y);
      follow(trainLoss[k], valLoss[k]);
      k++;
    }
    return {
      epoch,
      trainLoss: trainLoss.slice(0, k),
      valLoss: valLoss.slice(0, k),
      bestEpoch,
      stoppedEpoch,
      restoredEpoch: done && stopper && settings.restore ? stopper.bestEpoch : null,
      diverged,
      done,
    };
  }

  /** Note the best epoch, and whether training ends with this one. */
  function follow(trainLoss, valLoss) {
    if (valLoss < lowest) [lowest, bestEpoch] = [valLoss, epoch];
    diverged = !Number.isFinite(trainLoss + valLoss);
    if (stopper) {
      if (stopper.stops(valLoss)) stoppedEpoch = epoch;
      if (settings.restore && stopper.bestEpoch === epoch) best.set(parameters);
    }
    done = diverged || stoppedEpoch !== null || epoch === settings.epochs;
    if (done && stopper && settings.restore) parameters.set(best);
  }

  /** What keras.callbacks.EarlyStopping does, value by value; epochs count from 1. */
  function earlyStopping({ patience, min_delta = 0 }) {
    let epochs = 0;
    let wait = 0;
    let least;
    return {
      bestEpoch: 0,
      stops(value) {
        epochs++;
        wait++;
        // Keras compares in single precision.
        if (epochs === 1 || Math.fround(value + min_delta) < Math.fround(least)) {
          least = value;
          this.bestEpoch = epochs;
          wait = 0;
          return false;
        }
        return wait >= patience;
      },
    };
  }

  /** Where EarlyStopping would stop on a recorded curve. */
  function stopping(curve, options) {
    const rule = earlyStopping(options);
    const index = Array.from(curve).findIndex((value) => rule.stops(value));
    return { stoppedEpoch: index < 0 ? null : index + 1, bestEpoch: rule.bestEpoch };
  }

  // Results

  /** Logits in inference mode at points x, y, x, y, ... */
  function logitsAt(xy) {
    const found = new Float64Array(xy.length / 2);
    forward(column(xy, 0), column(xy, 1), found);
    return found;
  }

  /** The probability of class 1 at points x, y, x, y, ... */
  function predict(xy) {
    return Float32Array.from(logitsAt(xy), (z) => 1 / (1 + Math.exp(-z)));
  }

  /** Cross-entropy and accuracy on "train", "val" or "test", and each point's cross-entropy. */
  function evaluate(name) {
    const { x, y } = parts[name];
    const found = logitsAt(x);
    const right = found.reduce((sum, z, s) => sum + (z > 0 === (y[s] === 1)), 0);
    const losses = Float32Array.from(found, (z, s) => pointLoss(z, y[s]));
    return { crossEntropy: crossEntropy(found, y), accuracy: right / y.length, losses };
  }

  /** The training and validation points, with the labels that the network is given. */
  function points() {
    const copy = (name) => ({
      [`x_${name}`]: parts[name].x.slice(),
      [`y_${name}`]: parts[name].y.slice(),
    });
    return { ...copy("train"), ...copy("val") };
  }

  return { configure, train, predict, evaluate, weights, points, stopping };
}

// The sentence that reads a finished run: against the runs before it, and by its own curves.
import { count, formatLoss, formatNumber, settingText } from "./format.js";
import KNOBS from "./knobs.json" with { type: "json" };

const SAME_VALIDATION = ["dataset", "noise", "data_seed"]; // with these alike the points are, too
const SAME_TRAINING = [...SAME_VALIDATION, "n_train", "label_noise"];
const TENTH = 0.1;

// What may be wrong where moving one knob away from the best run has made the run worse: [way, if
// it is stiffer, if it is freer]; way is 1 if a higher value is the stiffer one.
const BLAME = {
  l2: [1, "the penalty is too strong", "the penalty is too weak"],
  dropout: [1, "the dropout rate is too high", "the dropout rate is too low"],
  width: [-1, "the network is too small", "the network is too large"],
  depth: [-1, "the network is too small", "the network is too large"],
  epochs: [-1, "the training is too short", "the training is too long"],
  patience: [-1, "the patience is too short", "the patience is too long"],
};
const REMEDIES = ["l2", "dropout"]; // which cost training loss, and may be given too strongly

/**
 * Read a finished run: {kind, sentence}. `before` is the run before it, `best` the one with the
 * lowest validation loss of those before it; null where there is none. Of each run it takes
 *   settings, trainLoss, valLoss (one value an epoch), bestEpoch, stoppedEpoch, restoredEpoch,
 *   diverged, points ({y_train, y_val}), train and val ({crossEntropy, accuracy, losses: one a
 *   point}: what the figure shows at the end, with the best weights back if they came back).
 *
 * First the validation loss is compared with that of `before` and `best`, point by point, if the
 * validation points are the same. A difference below its own standard error "cannot be told
 * apart"; up to two standard errors it holds "as far as 70 points can tell". How much the curve
 * goes up and down from epoch to epoch adds to the error.
 *
 * Then comes the first of these that holds (its kind):
 *   diverged         the loss was no longer a number.
 *   nothing learned  the training loss is less than two standard errors, point by point, below
 *                    what the best constant answer gives: flat.
 *   too stiff        validation is higher than in `best`, and training is higher, too, by half of
 *                    that or more.
 *   too free         validation is higher than in `best`, training less than half of that there,
 *                    and the run's own curve has not climbed.
 *   too stiff        against `best` or `before` a remedy alone was made stronger, and has bought
 *                    nothing: validation is no lower, or cannot be told apart, while training has
 *                    risen, by two standard errors at least and by half of the gap there was.
 *   These three speak of a run whose validation loss has climbed from its lowest, both by a
 *   tenth of the lowest and by a tenth of what it had fallen until then:
 *   too stiff        the training loss has risen since then, too.
 *   too free         it has fallen to less than half, and is at most twice that of a better `best`.
 *   too long         it has fallen less.
 *   stopped          early stopping ended the run; more patience might help if the loss has not
 *                    climbed, and the wait was shorter than the way to its lowest.
 *   still falling    the last tenth of the epochs lowered the validation loss, as printed.
 *   both high        the network gets training points wrong, and the validation loss is within
 *                    its standard error of the training loss.
 *   gap              the curve has not climbed, and the validation loss is more than two of its
 *                    standard errors above the training loss.
 *   level            none of these.
 * Losses compare as they are printed: what two printed numbers do not show is not said. No loss and
 * no gap is judged by a fixed number, and the sentence never calls a gap bad or the lack of one good.
 */
export function readResult(run, { before = null, best = null } = {}) {
  if (run.diverged) {
    const after = count(run.valLoss.length, "epoch");
    return {
      kind: "diverged",
      sentence: `Diverged: the loss was no longer a number after ${after}.`,
    };
  }
  const rules = [nothingLearned, againstBest, boughtNothing, climbed, stopped, stillFalling];
  rules.push(bothHigh, level);
  const found = rules.reduce((reading, rule) => reading ?? rule(run, best, before), null);
  return { kind: found.kind, sentence: `${comparison(run, before, best)} ${found.says}` };
}

/** The better of a run and the best so far; on other validation points a new count begins. */
export function betterOf(run, best) {
  if (run.diverged) return best;
  if (!best || !alike(run, best, SAME_VALIDATION)) return run;
  return run.val.crossEntropy < best.val.crossEntropy ? run : best;
}

// ---- Against other runs -------------------------------------------------------------------------

function comparison(run, before, best) {
  const start = `Validation loss ${inWords(run.val.crossEntropy)}`;
  if (before?.diverged) return `${start}; the previous run diverged.`;
  if (before && !alike(run, before, SAME_VALIDATION)) {
    return `${start}, on different points from the previous run.`;
  }
  const lowest =
    best && best !== before && alike(run, best, SAME_VALIDATION) ? againstLowest(run, best) : null;
  if (!before) return lowest ? `${start}: ${lowest.alone}.` : `${start}.`;
  const now = change(run, before);
  const then = inWords(before.val.crossEntropy);
  if (now.by === 0) return `${start}, the same as before${lowest ? lowest.added : ""}.`;
  if (now.alike) {
    const was = start.endsWith(` ${then}`) ? "" : `, ${then}`;
    const joined = lowest ? lowest.joined : "";
    return `${start}: cannot be told apart from the previous run${was}${joined}.`;
  }
  const reserve = now.sure
    ? ""
    : `, as far as ${formatNumber(run.val.losses.length)} points can tell`;
  const added = lowest ? lowest.added : now.by < 0 ? ", the lowest so far" : "";
  const end = added.startsWith(",") ? added + reserve : reserve + added;
  return `${start}: ${now.says} than before${end}.`;
}

/** How a run stands to the lowest: alone, added to a comparison, joined to a "cannot be told". */
function againstLowest(run, best) {
  const { by, alike: same } = change(run, best);
  const { knob } = moved(run, best);
  const lowest =
    inWords(best.val.crossEntropy) +
    (knob ? ` with ${settingText(knob, best.settings[knob])}` : "");
  if (same) {
    const alone = `it cannot be told apart from the lowest so far, ${lowest}`;
    return { alone, added: `; ${alone}`, joined: `, nor from the lowest so far, ${lowest}` };
  }
  const alone = by < 0 ? "the lowest so far" : `the lowest so far is ${lowest}`;
  const added = by < 0 ? `, ${alone}` : `; ${alone}`;
  return { alone, added, joined: added };
}

/** By how much the validation loss differs from another run's on the same points; how surely. */
function change(run, other) {
  const by = run.val.crossEntropy - other.val.crossEntropy;
  const error = Math.hypot(
    standardError(run.val.losses, other.val.losses),
    wobble(run),
    wobble(other),
  );
  const size = amount(Math.abs(by), run.val.crossEntropy);
  return {
    by,
    alike: !(Math.abs(by) > error),
    sure: Math.abs(by) > 2 * error,
    says: `${size} ${by < 0 ? "lower" : "higher"}`,
  };
}

/** The standard error of the mean difference between two lists of losses of the same points. */
function standardError(losses, others) {
  const differences = Array.from(losses, (loss, i) => loss - others[i]);
  return deviation(differences) / Math.sqrt(differences.length);
}

function average(numbers) {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function deviation(numbers) {
  const mean = average(numbers);
  const squares = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : 0;
}

/** How much the validation loss goes up and down from one epoch to the next at the end. */
function wobble({ valLoss }) {
  const steps = [];
  for (let i = lastTenth(valLoss); i < valLoss.length; i += 1) {
    steps.push(valLoss[i] - valLoss[i - 1]);
  }
  return steps.length ? deviation(steps) / Math.SQRT2 : 0;
}

/** The index at which the last tenth of a curve begins. */
function lastTenth(curve) {
  return Math.max(1, Math.floor((1 - TENTH) * curve.length));
}

function alike(run, other, names) {
  return names.every((name) => run.settings[name] === other.settings[name]);
}

/** Which settings differ between two runs, and the knob if it is only one. */
function moved(run, other) {
  const names = Object.keys(KNOBS).filter((name) => run.settings[name] !== other.settings[name]);
  return { names, knob: names.length === 1 ? names[0] : null };
}

/** On which side of the best run does one lie that is worse on the same points? */
function againstBest(run, best) {
  if (!best || !alike(run, best, SAME_TRAINING)) return null;
  const { names, knob } = moved(run, best);
  const { by, alike: same, sure } = change(run, best);
  if (by <= 0 || same || names.every((name) => name === "weights_seed")) return null;
  if ((names.includes("epochs") || !knob) && stillFalling(run)) return null;
  const [loss, bestLoss] = [run.train.crossEntropy, best.train.crossEntropy];
  const stiff = differ(loss, bestLoss) && loss - bestLoss >= by / 2;
  const free = differ(loss, bestLoss) && loss < bestLoss / 2 && !climb(run).is;
  if (!stiff && !free) return null;
  const which = `from ${inWords(bestLoss)} in the best run to ${inWords(loss)}`;
  const says =
    `The training loss has ${stiff ? "risen, too," : "fallen"} ${which}: ` +
    `${blame(run, best, knob, stiff, sure)}.`;
  return { kind: stiff ? "too stiff" : "too free", says };
}

/** Has a stronger remedy cost training loss, and left the validation loss where it was? */
function boughtNothing(run, best, before) {
  for (const other of [best, before]) {
    if (!other || other.diverged || !alike(run, other, SAME_TRAINING)) continue;
    const { knob } = moved(run, other);
    if (!REMEDIES.includes(knob) || run.settings[knob] < other.settings[knob]) continue;
    const { by, alike: same } = change(run, other);
    const rise = run.train.crossEntropy - other.train.crossEntropy;
    const sure = rise > 2 * standardError(run.train.losses, other.train.losses);
    const large = rise >= (other.val.crossEntropy - other.train.crossEntropy) / 2;
    if ((by < 0 && !same) || !sure || !large) continue;
    const start = settingText(knob, other.settings[knob]);
    const [from, to] = [other, run].map((each) => inWords(each.train.crossEntropy));
    const says =
      `The training loss has risen, from ${from} with ${start} to ${to}, and the validation ` +
      `loss has not fallen for it: ${BLAME[knob][1]}.`;
    return { kind: "too stiff", says };
  }
  return null;
}

function blame(run, best, knob, stiff, sure) {
  const [way, tooStiff, tooFree] = BLAME[knob] ?? [];
  const number = (value) => value ?? Infinity; // no patience given: it never stops
  const up = number(run.settings[knob]) > number(best.settings[knob]);
  const known = way && (up === way > 0) === stiff;
  const [stiffText, freeText] = known
    ? [tooStiff, tooFree]
    : ["the network is not flexible enough", "the network is too flexible"];
  return (stiff ? stiffText : freeText).replace(" is ", sure ? " is " : " may be ");
}

// ---- By its own curves --------------------------------------------------------------------------

function nothingLearned(run) {
  const constant = constantLosses(run.points.y_train);
  const loss = run.train.crossEntropy;
  if (average(constant) - loss > 2 * standardError(run.train.losses, constant)) return null;
  const back = run.restoredEpoch && formatNumber(run.restoredEpoch);
  const learned = back
    ? `had learned almost nothing by epoch ${back}, to which early stopping went back`
    : `has learned almost nothing${stillFalling(run) ? " so far" : ""}`;
  const why = back ? "" : tooStrong(run, "; perhaps ");
  return {
    kind: "nothing learned",
    says:
      `The training loss, ${inWords(loss)}, is not clearly below ${inWords(average(constant))}, ` +
      `the cost of one answer for all points: the network ${learned}${why}.`,
  };
}

/** Each point's loss if all get the answer that fits these labels best: the share of class 1. */
function constantLosses(labels) {
  const share = average(Array.from(labels));
  return Array.from(labels, (label) => -Math.log(label ? share : 1 - share));
}

/** The remedy of a run that may be too strong, after some words; nothing if it has none. */
function tooStrong({ settings }, words) {
  const knob = REMEDIES.find((name) => settings[name]);
  return knob ? words + BLAME[knob][1] : "";
}

/** How far the validation loss lies above its lowest, and whether that is a climb to speak of. */
function climb({ valLoss, bestEpoch, val }) {
  const lowest = valLoss[bestEpoch - 1];
  const by = val.crossEntropy - lowest;
  const is =
    differ(val.crossEntropy, lowest) && by >= TENTH * Math.max(lowest, valLoss[0] - lowest);
  return { by, lowest, is };
}

function climbed(run, best) {
  const { by, lowest, is } = climb(run);
  if (!is) return null;
  const [then, now] = [run.trainLoss[run.bestEpoch - 1], run.train.crossEntropy];
  const start =
    `Since its own lowest (${inWords(lowest)}, epoch ${formatNumber(run.bestEpoch)}) ` +
    `it has climbed by ${amount(by, run.val.crossEntropy)}${worseThanConstant(run)}`;
  const [from, to] = [inWords(then), inWords(now)];
  if (now > then && differ(now, then)) {
    const cause = tooStrong(run, "") || "the training has become unstable";
    return {
      kind: "too stiff",
      says: `${start}, and the training loss has risen, too, from ${from} to ${to}: ${cause}.`,
    };
  }
  const held =
    best &&
    alike(run, best, SAME_TRAINING) &&
    now > 2 * best.train.crossEntropy &&
    run.val.crossEntropy > best.val.crossEntropy;
  if (now < then / 2 && !held) {
    return {
      kind: "too free",
      says:
        `${start}, while the training loss fell from ${from} to ${to}: the network is too ` +
        "flexible for these points, or it has trained too long.",
    };
  }
  const meanwhile = from === to ? `stayed at ${to}` : `fell from ${from} to ${to}`;
  return {
    kind: "too long",
    says: `${start}, while the training loss ${meanwhile}: it has trained too long.`,
  };
}

function worseThanConstant({ points, val }) {
  const constant = average(constantLosses(points.y_val));
  return val.crossEntropy > constant
    ? ` (one answer for all points would cost ${inWords(constant)})`
    : "";
}

function stopped(run) {
  if (!run.stoppedEpoch) return null;
  const { valLoss, stoppedEpoch, restoredEpoch, bestEpoch } = run;
  const { is, by, lowest } = climb({
    valLoss,
    bestEpoch,
    val: { crossEntropy: valLoss[stoppedEpoch - 1] },
  });
  const waited = stoppedEpoch - bestEpoch >= bestEpoch; // as long as it took to get there
  const back = restoredEpoch ? `, and went back to epoch ${formatNumber(restoredEpoch)}` : "";
  const advice = is || waited ? "" : "; with more patience it might have found a lower one";
  return {
    kind: "stopped",
    says:
      `Early stopping ended the run at epoch ${formatNumber(stoppedEpoch)}, ` +
      `${amount(by, lowest)} above its lowest${back}${advice}.`,
  };
}

function stillFalling({ valLoss, bestEpoch, val, train, stoppedEpoch }) {
  const start = lastTenth(valLoss);
  if (stoppedEpoch || bestEpoch <= start) return null;
  const before = Math.min(...valLoss.subarray(0, start));
  const fell = before - val.crossEntropy;
  if (!(fell > 0) || !differ(before, val.crossEntropy) || isNothing(fell, before)) return null;
  const last = count(valLoss.length - start, "epoch");
  return {
    kind: "still falling",
    says:
      `It fell by ${amount(fell, before)} in the last ${last}, and may fall ` +
      `further with more. It is ${gapText(val, train)}.`,
  };
}

function bothHigh({ settings, train, val }) {
  const wrong = Math.round((1 - train.accuracy) * train.losses.length);
  const error = deviation(Array.from(val.losses)) / Math.sqrt(val.losses.length);
  if (!wrong || val.crossEntropy - train.crossEntropy > error) return null;
  const flipped = Math.round(settings.label_noise * train.losses.length);
  const why = flipped
    ? `${formatNumber(flipped)} labels are flipped`
    : `the points overlap, or ${tooStrong({ settings }, "") || "the network is not flexible enough"}`;
  return {
    kind: "both high",
    says:
      `The training loss is about as high, ${inWords(train.crossEntropy)}, with ` +
      `${formatNumber(wrong)} of ${count(train.losses.length, "point")} wrong: ${why}.`,
  };
}

function level(run) {
  const { by, lowest } = climb(run);
  const [epoch, gap] = [formatNumber(run.bestEpoch), gapText(run.val, run.train)];
  if (run.restoredEpoch && run.restoredEpoch < run.valLoss.length) {
    const back = formatNumber(run.restoredEpoch);
    return {
      kind: "level",
      says: `Early stopping went back to epoch ${back}; there it was ${gap}.`,
    };
  }
  const turned = differ(run.val.crossEntropy, lowest);
  const above = `${amount(by, run.val.crossEntropy)} above its lowest, at epoch ${epoch}`;
  if (hasGap(run)) {
    const distance = amount(run.val.crossEntropy - run.train.crossEntropy, run.val.crossEntropy);
    const end = turned ? `hardly a turn: it ends ${above}` : "no turn: it ends at its lowest";
    return { kind: "gap", says: `There is a gap of ${distance} to the training loss, but ${end}.` };
  }
  const says = turned ? `That is ${above}, and ${gap}.` : `It ends at its lowest, ${gap}.`;
  return { kind: "level", says };
}

/** Is the validation loss above the training loss by more than two of its standard errors? */
function hasGap({ val, train }) {
  const error = deviation(Array.from(val.losses)) / Math.sqrt(val.losses.length);
  return (
    differ(val.crossEntropy, train.crossEntropy) &&
    val.crossEntropy - train.crossEntropy > 2 * error
  );
}

function gapText(val, train) {
  const gap = val.crossEntropy - train.crossEntropy;
  if (!differ(val.crossEntropy, train.crossEntropy)) return "level with the training loss";
  const side = gap < 0 ? "below" : "above";
  return `${amount(Math.abs(gap), val.crossEntropy)} ${side} the training loss`;
}

// ---- Numbers as printed -------------------------------------------------------------------------

function inWords(loss) {
  return formatLoss(loss).replace("< ", "less than ");
}

/** The digits of a difference: those of the loss that it belongs to, if that is the larger one. */
function digitsOf(difference, loss) {
  return Math.max(difference, loss) < 0.0995 ? 3 : 2;
}

function isNothing(difference, loss) {
  return Number(difference.toFixed(digitsOf(difference, loss))) === 0;
}

function amount(difference, loss) {
  const digits = digitsOf(difference, loss);
  return isNothing(difference, loss)
    ? `less than ${(10 ** -digits).toFixed(digits)}`
    : difference.toFixed(digits);
}

/** Do two losses read differently? */
function differ(one, other) {
  return formatLoss(one) !== formatLoss(other);
}

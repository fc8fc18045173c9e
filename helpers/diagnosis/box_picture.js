// The picture of a run: its losses with the verdict drawn in, its score below, and a legend.
import { drawAxes, drawWithin, scaleOf, svg } from "../playground/axes.js";
import { make } from "../playground/elements.js";
import {
  PARTS,
  WORDS,
  epochAxis,
  epochTicks,
  lossAxis,
  numberText,
  panelOf,
  percentText,
  real,
  scoreAxis,
  ticksOf,
} from "./box_axes.js";
import { curveLines, cutMark, level, path, verdictMarks } from "./box_marks.js";

const ABOVE_EPOCHS = 42; // with the numbers and the label of the axis
const BARE = 14; // without them
const NO_BEST = ["diverging", "nothing learned"];
const POINT = "Point at the curves to read off their values.";

/** The curves of one kind that can be drawn: [{part, x, y, smooth}]. */
function curvesOf(diagnosis, kind) {
  const all = PARTS.map((part) => ({ part, ...diagnosis.curves[`${part}_${kind}`] }));
  return all.filter(({ y }) => real(y).length);
}

/** What the picture shows of a diagnosis; `marks` stand at the curve that was judged. */
function contentOf(diagnosis, history) {
  const [losses, scores] = ["loss", "score"].map((kind) => curvesOf(diagnosis, kind));
  const [loss, score] = [losses, scores].map((all) => all.find(({ part }) => part === "val"));
  const down = !loss && history.higher_is_better; // the wrong way, of a score
  return {
    losses,
    scores,
    judged: loss ?? score,
    marks: marksOf(diagnosis, down ? -1 : 1),
    scoreName: history.score_name || "score",
    broken: brokenOf(history),
  };
}

/**
 * What of the numbers is drawn at the curve; the noise is a share of its lowest level. A curve that
 * goes nowhere, or away, has no best epoch to look for.
 */
function marksOf({ numbers, verdict, verdicts }, sign) {
  if (NO_BEST.includes(verdict)) return {};
  return {
    best: numbers.val_best_epoch,
    low: numbers.val_best_low,
    high: numbers.val_best_high,
    noise: numbers.val_noise * numbers.val_low,
    climbs: verdicts.some(({ name }) => name === "overfitting"),
    sign,
  };
}

/** Where curves stop being numbers: ["training loss: not finite from epoch 12"]. */
function brokenOf(history) {
  const all = ["loss", "score"].flatMap((kind) => PARTS.map((part) => ({ kind, part })));
  return all.flatMap(({ kind, part }) => {
    const { x = [], y = [] } = history[`${part}_${kind}`] ?? {};
    const at = y.findIndex((value) => !Number.isFinite(value));
    if (at < 0) return [];
    const since = real(y.slice(at)).length ? "at" : "from";
    return [`${WORDS[part]} ${kind}: not finite ${since} epoch ${numberText(x[at])}`];
  });
}

// ---- Panels -------------------------------------------------------------------------------------

/** The two panels that are there, one below the other: [{top, height, panel, drawn}]. */
function panelsOf(content, width) {
  const { losses, scores, scoreName } = content;
  const axes = [lossAxis(losses), scoreAxis(scores)];
  const epochs = epochAxis([...losses, ...scores]);
  const high = axes[0] ? Math.round(clamp(0.62 * width, 230, 330)) : 0;
  const low = !axes[1] ? 0 : axes[0] ? 118 + BARE : 240;
  const panels = [];
  if (axes[0]) {
    const panel = panelOf(width, high, ABOVE_EPOCHS, epochs, axes[0]);
    const yLabel = axes[0].log ? "loss, logarithmic" : "loss";
    panels.push({
      top: 0,
      panel,
      drawn: panelParts(content, losses, axes[0], panel, epochs, yLabel),
    });
  }
  if (axes[1]) {
    const panel = panelOf(width, low, axes[0] ? BARE : ABOVE_EPOCHS, epochs, axes[1]);
    const drawn = panelParts(content, scores, axes[1], panel, axes[0] ? null : epochs, scoreName);
    panels.push({ top: high, panel, drawn });
  }
  return { panels, height: high + low };
}

function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

/** Axes, curves and marks of a panel; `epochs` is null where another panel has their axis. */
function panelParts({ judged, marks }, curves, axis, panel, epochs, yLabel) {
  const { frame, toX, toY } = panel;
  const here = curves.includes(judged) ? verdictMarks(judged, marks, panel) : null;
  const about = Math.max(4.5, (frame.height - frame.top - frame.bottom) / 45);
  const yTicks = ticksOf(axis, toY, about, axis.share ? percentText : numberText);
  const xTicks = epochs ? epochTicks(epochs, toX, Math.max(3, frame.width / 90)) : [];
  const xLabel = epochs ? "epoch" : "";
  return [
    drawAxes({ xTicks, yTicks, xLabel, yLabel, lines: true }, frame),
    drawWithin(
      frame,
      ...(here?.behind ?? []),
      ...curves.flatMap((curve) => curveLines(curve, panel)),
    ),
    ...(here?.before ?? []),
    ...cutMark(axis, panel),
  ];
}

// ---- Legend and words ---------------------------------------------------------------------------

const line = (look) => svg("path", { class: look, d: "M1 7H25" });
const field = (look) => svg("rect", { class: look, x: 1, y: 1, width: 24, height: 12 });

/** What the legend explains: [words, drawing], of what is there. */
function legendOf({ losses, scores, judged, marks, broken }) {
  const curves = [...losses, ...scores];
  const has = (wanted) => curves.some(({ part }) => part === wanted);
  const { best, low, high, noise, climbs } = marks;
  const dot = () => svg("circle", { class: "dg-best", cx: 13, cy: 7, r: 4.5 });
  const all = [
    [has("train"), "training", () => line("dg-curve dg-train")],
    [has("val"), "validation", () => line("dg-curve dg-val")],
    [curves.some(({ smooth }) => smooth), "as logged", () => line("dg-curve dg-raw dg-val")],
    [judged && Number.isFinite(best), "best epoch", dot],
    [judged && low < high, "where it may lie", () => field("dg-interval")],
    [judged && noise > 0, "noise from epoch to epoch", () => field("dg-noise")],
    [judged && climbs, "climb since the best epoch", () => field("dg-climb")],
  ];
  const items = all.filter(([shown]) => shown).map(([, words, draw]) => legendItem(words, draw()));
  return [...items, ...broken.map((words) => make("li", {}, `\u26a0\ufe0e ${words}`))];
}

function legendItem(words, drawing) {
  const size = { viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" };
  return make("li", {}, svg("svg", size, drawing), words);
}

/** The text alternative of the picture. */
function describe({ losses, scores, judged, marks, broken }) {
  const said = (curves, kind) =>
    curves.map((curve) => {
      const [first, last] = [level(curve)[0], level(curve).at(-1)].map(numberText);
      const [from, to] = [curve.x[0], curve.x.at(-1)].map(numberText);
      return `${WORDS[curve.part]} ${kind} from ${first} at epoch ${from} to ${last} at epoch ${to}`;
    });
  const turn =
    judged && Number.isFinite(marks.best)
      ? `; validation is best at epoch ${numberText(marks.best)}`
      : "";
  const all = [...said(losses, "loss"), ...said(scores, "score"), ...broken];
  return `Curves: ${all.join(", ")}${turn}.`;
}

/** The values of an epoch: "Epoch 12: loss 0.31 training, 0.42 validation; accuracy ..." */
function readout({ losses, scores, scoreName }, epoch) {
  const values = (curves, kind) => {
    const there = curves.filter(({ x }) => x.includes(epoch));
    const said = there.map(({ part, x, y }) => `${numberText(y[x.indexOf(epoch)])} ${WORDS[part]}`);
    return said.length ? [`${kind} ${said.join(", ")}`] : [];
  };
  const all = [...values(losses, "loss"), ...values(scores, scoreName)];
  return `Epoch ${numberText(epoch)}: ${all.join("; ")}`;
}

/** The logged epoch that is nearest to where the pointer is. */
function nearestEpoch({ losses, scores }, { toX }, at) {
  let [nearest, distance] = [null, Infinity];
  for (const { x } of [...losses, ...scores]) {
    for (const epoch of x) {
      if (Math.abs(toX(epoch) - at) < distance) {
        [nearest, distance] = [epoch, Math.abs(toX(epoch) - at)];
      }
    }
  }
  return nearest;
}

// ---- The figure ---------------------------------------------------------------------------------

/** The figure of a diagnosis: {element, show}. It is drawn anew for every width. */
export function createPicture() {
  const picture = svg("svg", { role: "img", class: "dg-svg", "aria-label": "" });
  const pointer = svg("path", { class: "dg-pointer" });
  const says = make("p", { className: "dg-readout" }, POINT);
  says.setAttribute("aria-hidden", "true"); // a table has the same numbers for who cannot point
  const legend = make("ul", { className: "dg-legend" });
  const stage = make("div", { className: "dg-stage" }, picture);
  const element = make("figure", { className: "dg-figure" }, stage, says, legend);
  let content = null;
  let panels = [];

  function draw() {
    const width = Math.round(stage.clientWidth);
    if (!content || !width) return;
    const found = panelsOf(content, width);
    panels = found.panels;
    const groups = panels.map(({ top, drawn }) =>
      svg("g", { transform: `translate(0 ${top})` }, ...drawn),
    );
    picture.setAttribute("viewBox", `0 0 ${width} ${found.height}`);
    picture.setAttribute("height", found.height);
    picture.replaceChildren(...groups, pointer);
    leave();
  }

  function show(diagnosis, history) {
    content = contentOf(diagnosis, history);
    stage.hidden = says.hidden = !content.losses.length && !content.scores.length;
    picture.setAttribute("aria-label", describe(content));
    legend.replaceChildren(...legendOf(content));
    draw();
  }

  function point({ clientX }) {
    if (!panels.length) return;
    const at = clientX - picture.getBoundingClientRect().left;
    const epoch = nearestEpoch(content, panels[0].panel, at);
    if (epoch === null) return;
    const x = panels[0].panel.toX(epoch);
    const lines = panels.map(
      ({ top, panel }) => `M${x} ${top + panel.frame.top}V${top + panel.floor}`,
    );
    pointer.setAttribute("d", lines.join(""));
    says.textContent = readout(content, epoch);
  }

  function leave() {
    pointer.setAttribute("d", "");
    says.textContent = POINT;
  }

  picture.addEventListener("pointermove", point);
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("pointerleave", leave);
  new ResizeObserver(draw).observe(stage);
  return { element, show };
}

/** A small picture of both losses or, where they are no numbers, of both scores. */
export function thumbnail(history) {
  const [width, height] = [96, 54];
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const pair = (kind) => PARTS.map((part) => ({ part, ...history[`${part}_${kind}`] }));
  const kinds = ["loss", "score"].map(pair);
  const curves = kinds.find((each) => each.some(({ y }) => real(y).length)) ?? [];
  const drawn = curves.filter(({ x }) => x?.length);
  if (!drawn.length) return picture;
  const { low, high } = lossAxis(drawn);
  const epochs = epochAxis(drawn);
  const toX = scaleOf(epochs.low, epochs.high, 4, width - 8);
  const toY = scaleOf(low, high, height - 4, 8 - height);
  for (const { part, x, y } of drawn) {
    picture.append(svg("path", { class: `dg-curve dg-${part}`, d: path(x, y, { toX, toY }) }));
  }
  return picture;
}

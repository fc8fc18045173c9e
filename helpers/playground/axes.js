// What the figures share: their frame, axes and lines. Everything is SVG that takes its colors from
// the style sheet, so light and dark need no code.
import { formatNumber } from "./format.js";

export const FRAME = { width: 350, height: 268, left: 48, top: 10, right: 10, bottom: 42 };
export const WIDE = FRAME.width - FRAME.left - FRAME.right;
export const HIGH = FRAME.height - FRAME.top - FRAME.bottom;

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function createFrame(label) {
  const viewBox = `0 0 ${FRAME.width} ${FRAME.height}`;
  return svg("svg", { viewBox, role: "img", class: "pg-svg", "aria-label": label });
}

/** Round numbers between two numbers, about as many as asked for. */
export function niceTicks(from, to, about) {
  const rough = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to * (1 + 1e-9); i += 1) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

export function scaleOf(from, to, start, length) {
  return (value) => start + (length * (value - from)) / (to - from);
}

export function horizontal(from, to) {
  return scaleOf(from, to, FRAME.left, WIDE);
}

export function vertical(from, to) {
  return scaleOf(from, to, FRAME.top + HIGH, -HIGH);
}

/** Both axes with ticks ({at, text}), labels and, for curves, thin lines across. */
export function drawAxes({ xTicks, yTicks, xLabel, yLabel, lines = false }, frame = FRAME) {
  const [bottom, right] = [frame.height - frame.bottom, frame.width - frame.right];
  const group = svg("g", { class: "pg-axes" });
  for (const { at, text } of yTicks) {
    if (lines) {
      group.append(svg("path", { class: "pg-line-across", d: `M${frame.left} ${at}H${right}` }));
    }
    group.append(svg("path", { d: `M${frame.left - 4} ${at}h4` }));
    group.append(svg("text", { x: frame.left - 6, y: at + 4, "text-anchor": "end" }, text));
  }
  for (const { at, text } of xTicks) {
    // A long last number stays inside the picture.
    const anchor = at > right - 12 && text.length > 2 ? "end" : "middle";
    group.append(svg("path", { d: `M${at} ${bottom}v4` }));
    const x = anchor === "end" ? right + 6 : at;
    group.append(svg("text", { x, y: bottom + 16, "text-anchor": anchor }, text));
  }
  group.append(svg("path", { d: `M${frame.left} ${frame.top}V${bottom}H${right}` }));
  const [center, middle] = [(frame.left + right) / 2, (frame.top + bottom) / 2];
  group.append(svg("text", { x: center, y: frame.height - 7, "text-anchor": "middle" }, xLabel));
  group.append(
    svg(
      "text",
      { x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` },
      yLabel,
    ),
  );
  return group;
}

export function ticksAlong(from, to, scale, about = 5) {
  const text = (value) => formatNumber(value).replace("-", "−");
  return niceTicks(from, to, about).map((value) => ({ at: scale(value), text: text(value) }));
}

/** What is drawn inside stays inside the axes: an svg within an svg cuts off what sticks out. */
export function drawInside(...children) {
  return drawWithin(FRAME, ...children);
}

export function drawWithin(frame, ...children) {
  const { left, top } = frame;
  const [width, height] = [frame.width - left - frame.right, frame.height - top - frame.bottom];
  const box = { x: left, y: top, width, height };
  const view = `${left} ${top} ${width} ${height}`;
  return svg("svg", { ...box, viewBox: view, class: "pg-inside" }, ...children);
}

export function linePath(line, toX, toY) {
  return `M${line.map(([x, y]) => `${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("L")}`;
}

// The left picture: the points, the decision boundary, and the shading of the plane, a canvas of
// colors that are transparent where p is 1/2.
import {
  FRAME,
  HIGH,
  WIDE,
  createFrame,
  drawAxes,
  drawInside,
  horizontal,
  linePath,
  svg,
  ticksAlong,
  vertical,
} from "./axes.js";

const CLASS_COLORS = [
  [86, 180, 233],
  [230, 159, 0],
]; // #56B4E9 and #E69F00, as in the style sheet

export function pointMark(x, y, label, part) {
  const size = part === "train" ? 4.4 : 3.1;
  const look = { class: `pg-point pg-${part} pg-class-${label}` };
  if (label === 0) return svg("circle", { ...look, cx: x.toFixed(1), cy: y.toFixed(1), r: size });
  const [half, up, down] = [1.15 * size, 1.3 * size, 0.8 * size];
  const d = `M${x.toFixed(1)} ${(y - up).toFixed(1)}l${half} ${up + down}h${-2 * half}z`;
  return svg("path", { ...look, d });
}

/** The canvas of the shading, in its place behind the picture. */
function createCanvas() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * WIDE, 2 * HIGH];
  canvas.className = "pg-field";
  canvas.setAttribute("aria-hidden", "true");
  const percent = (part, whole) => `${(100 * part) / whole}%`;
  Object.assign(canvas.style, {
    left: percent(FRAME.left, FRAME.width),
    top: percent(FRAME.top, FRAME.height),
    width: percent(WIDE, FRAME.width),
    height: percent(HIGH, FRAME.height),
  });
  return canvas;
}

/** The picture. `setPoints` draws a run's points, `draw` its field, again and again. */
export function createPlane() {
  const canvas = createCanvas();
  const picture = createFrame("Decision boundary; no training has finished yet");
  const element = document.createElement("div");
  element.className = "pg-stack";
  element.append(canvas, picture);

  const [axes, lines, marks] = [svg("g"), svg("g"), svg("g")];
  picture.append(axes, drawInside(marks, lines));
  let toX = horizontal(0, 1);
  let toY = vertical(0, 1);

  function setPlane(plane) {
    toX = horizontal(...plane.x);
    toY = vertical(...plane.y);
    axes.replaceChildren(
      drawAxes({
        xTicks: ticksAlong(...plane.x, toX),
        yTicks: ticksAlong(...plane.y, toY),
        xLabel: "first input",
        yLabel: "second input",
      }),
    );
    marks.replaceChildren();
    lines.replaceChildren();
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  }

  function setPoints(points) {
    const marksOf = (part, xs, ys) =>
      Array.from(ys, (y, i) => pointMark(toX(xs[2 * i]), toY(xs[2 * i + 1]), y ? 1 : 0, part));
    marks.replaceChildren(
      ...marksOf("val", points.x_val, points.y_val),
      ...marksOf("train", points.x_train, points.y_train),
    );
  }

  /** `ghost` holds lines in the plane's own coordinates, which stay right in another plane. */
  function draw(contour, ghost) {
    const path = (line, name) => svg("path", { class: name, d: linePath(line, toX, toY) });
    lines.replaceChildren(
      ...ghost.map((line) => path(line, "pg-boundary pg-ghost")),
      ...contour.map((line) => path(line, "pg-boundary-edge")),
      ...contour.map((line) => path(line, "pg-boundary")),
    );
  }

  return {
    element,
    picture,
    setPlane,
    setPoints,
    draw,
    shade: (...field) => shade(canvas, ...field),
  };
}

/** Paint the probabilities, one pixel each, then enlarged so that the browser smooths them. */
function shade(canvas, field, columns, rows) {
  const small = document.createElement("canvas");
  [small.width, small.height] = [columns, rows];
  const image = new ImageData(columns, rows);
  for (let i = 0; i < field.length; i += 1) {
    const row = rows - 1 - Math.floor(i / columns);
    const pixel = 4 * (row * columns + (i % columns));
    const color = CLASS_COLORS[field[i] > 0.5 ? 1 : 0];
    for (let k = 0; k < 3; k += 1) image.data[pixel + k] = color[k];
    image.data[pixel + 3] = 255 * 0.55 * Math.abs(2 * field[i] - 1);
  }
  small.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  // The outer grid points lie on the frame, so the outer half pixels are cut off.
  context.drawImage(small, 0.5, 0.5, columns - 1, rows - 1, 0, 0, canvas.width, canvas.height);
}

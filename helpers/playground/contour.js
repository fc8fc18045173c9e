// The decision boundary: the grid over the plane, and the lines where a field on it crosses 1/2.
import { HIGH, WIDE, scaleOf } from "./axes.js";

/** The part of the plane that holds nearly all points; more noise needs more room. */
export function planeOf({ dataset, noise }) {
  const room = 2.5 * Math.max(0, noise - 0.2);
  if (dataset === "moons") return { x: [-1.9 - room, 2.9 + room], y: [-1.5 - room, 2 + room] };
  const reach = (dataset === "spiral" ? 2.2 : 1.6) + room;
  const across = (reach * WIDE) / HIGH;
  return { x: [-across, across], y: [-reach, reach] };
}

/** Points on a regular grid over the plane, row by row from below: what the network predicts. */
export function gridOver(plane, columns, rows) {
  const grid = new Float32Array(2 * columns * rows);
  const [x, y] = [plane.x, plane.y];
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, i += 2) {
      grid[i] = x[0] + ((x[1] - x[0]) * column) / (columns - 1);
      grid[i + 1] = y[0] + ((y[1] - y[0]) * row) / (rows - 1);
    }
  }
  return grid;
}

/**
 * The lines where a field on a grid crosses 1/2, in grid coordinates ("marching squares"): each
 * line is a list of [column, row]. Lines are chained so that they can be dashed.
 */
export function contourLines(field, columns, rows) {
  const joined = new Map(); // an edge of the grid that the line crosses: its one or two neighbors
  const join = (a, b) => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      if (!joined.has(from)) joined.set(from, []);
      joined.get(from).push(to);
    }
  };
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const i = row * columns + column;
      // An edge is named by its first corner: 2i is the one to the right, 2i + 1 the one upward.
      const edges = [2 * i, 2 * (i + 1) + 1, 2 * (i + columns), 2 * i + 1];
      const corners = [i, i + 1, i + columns + 1, i + columns].map((corner) => field[corner]);
      const crossed = edges.filter((_, k) => corners[k] > 0.5 !== corners[(k + 1) % 4] > 0.5);
      if (crossed.length === 2) join(crossed[0], crossed[1]);
      if (crossed.length === 4) {
        // a saddle: its middle says which corners belong together
        const middle = corners.reduce((sum, each) => sum + each, 0) / 4;
        const together = middle > 0.5 === corners[0] > 0.5;
        join(edges[0], edges[together ? 1 : 3]);
        join(edges[2], edges[together ? 3 : 1]);
      }
    }
  }
  const place = (edge) => {
    const [i, upward] = [edge >> 1, edge & 1];
    const other = i + (upward ? columns : 1);
    const share = (0.5 - field[i]) / (field[other] - field[i]);
    const [column, row] = [i % columns, Math.floor(i / columns)];
    return upward ? [column, row + share] : [column + share, row];
  };
  return chains(joined).map((chain) => chain.map(place));
}

/** Walk along neighbors: open lines first, from their ends; then the closed ones. */
function chains(joined) {
  const found = [];
  const walk = (start) => {
    const chain = [start];
    let [at, next] = [start, joined.get(start)[0]];
    joined.delete(start);
    while (next !== undefined) {
      chain.push(next);
      const neighbors = joined.get(next) ?? [];
      joined.delete(next);
      [at, next] = [
        next,
        neighbors.find((each) => each !== at && (joined.has(each) || each === start)),
      ];
      if (at === start) break;
    }
    found.push(chain);
  };
  for (const [edge, neighbors] of joined) if (neighbors.length === 1) walk(edge);
  for (const edge of joined.keys()) walk(edge);
  return found;
}

/** A contour from grid coordinates to those of the plane. */
export function contourInPlane(field, columns, rows, plane) {
  const toX = scaleOf(0, columns - 1, plane.x[0], plane.x[1] - plane.x[0]);
  const toY = scaleOf(0, rows - 1, plane.y[0], plane.y[1] - plane.y[0]);
  return contourLines(field, columns, rows).map((line) => line.map(([x, y]) => [toX(x), toY(y)]));
}

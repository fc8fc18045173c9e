// Legends: small drawings in the same classes as the pictures themselves.
import { make } from "./elements.js";
import { svg } from "./axes.js";
import { pointMark } from "./plane.js";

/** A legend: each entry is a small drawing and its meaning; a screen reader says its name. */
export function legend(entries, name) {
  const items = entries.map(([look, text]) => make("li", {}, legendKey(look), text));
  return make("ul", { className: "pg-legend", "aria-label": name }, ...items);
}

function legendKey(look) {
  const line = (name) => svg("path", { class: name, d: "M1 7H25" });
  const keys = {
    boundary: () => [line("pg-boundary")],
    ghost: () => [line("pg-boundary pg-ghost")],
    train: () => [line("pg-curve pg-of-train")],
    val: () => [line("pg-curve pg-of-val")],
    seed: () => [line("pg-curve pg-seed pg-of-val")],
    old: () =>
      [
        ["train", 4],
        ["val", 10],
      ].map(([part, y]) =>
        svg("path", { class: `pg-curve pg-ghost pg-of-${part}`, d: `M1 ${y}H25` }),
      ),
    best: () => [svg("circle", { class: "pg-best", cx: 13, cy: 7, r: 4.5 })],
    points: () => [pointMark(7, 7, 0, "train"), pointMark(20, 7, 1, "train")],
    held: () => [pointMark(7, 7, 0, "val"), pointMark(20, 7, 1, "val")],
  };
  return svg(
    "svg",
    { viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" },
    ...keys[look](),
  );
}

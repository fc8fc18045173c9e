// How settings and figures are written, and how a screen reader speaks them.
import KNOBS from "./knobs.json" with { type: "json" };

/** A setting's value as it stands beside its slider. */
export function valueText(name, value) {
  const knob = KNOBS[name];
  if ("off" in knob && value === knob.off) return "off";
  if (knob.flag) return value ? "on" : "off";
  return typeof value === "number" ? formatNumber(value) : String(value);
}

/** A setting's value as a screen reader speaks it. */
export function spokenText(name, value) {
  if (name === "patience") {
    return value === null ? "no early stopping" : `patience ${count(value, "epoch")}`;
  }
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
  return Math.abs(value) >= 1000
    ? value.toLocaleString("en-US")
    : String(Number(value.toPrecision(6)));
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

/** A setting inside a sentence: "L2 0.01", "no dropout", "a patience of 5", "50 epochs". */
export function settingText(name, value) {
  if (name === "patience" && value !== null) return `a patience of ${formatNumber(value)}`;
  const text = spokenText(name, value);
  return /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
}

// The settings of a playground: their ranges, their defaults, what is valid, and the URL hash.
// Settings are plain JSON under the same names as in Python.

// A setting with `stops` gets a slider that moves from stop to stop (`log`: unevenly spaced ones),
// with `choices` a list, with neither a checkbox or a number field. `off` is the value that is
// allowed beside the range, `symbol` the letter that the chapters use, `sweep` the values that a
// sweep tries, `deepest` the last stop with two hidden layers. The object is JSON: Python reads it.
export const KNOBS = {
  "dataset": { "label": "Data set", "initial": "moons", "choices": ["moons", "circles", "xor", "spiral"] },
  "noise": { "label": "Noise", "initial": 0.2, "min": 0, "max": 0.5,
    "stops": [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5],
    "sweep": [0, 0.1, 0.2, 0.3, 0.4, 0.5] },
  "label_noise": { "label": "Label noise", "initial": 0, "min": 0, "max": 0.4,
    "stops": [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4], "sweep": [0, 0.1, 0.2, 0.3, 0.4] },
  "n_train": { "label": "Training points", "initial": 30, "min": 10, "max": 300, "whole": true, "log": true,
    "stops": [10, 15, 20, 30, 40, 50, 70, 100, 150, 200, 300], "sweep": [10, 20, 30, 50, 100, 200, 300] },
  "width": { "label": "Width", "initial": 500, "min": 1, "max": 1000, "whole": true, "log": true,
    "stops": [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], "deepest": 100, "sweep": [1, 2, 5, 20, 100, 500] },
  "depth": { "label": "Hidden layers", "initial": 1, "choices": [1, 2] },
  "dropout": { "label": "Dropout", "initial": 0, "min": 0, "max": 0.9,
    "stops": [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9],
    "sweep": [0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9] },
  "l2": { "label": "L2", "symbol": "λ", "initial": 0, "min": 1e-5, "max": 1, "off": 0, "log": true,
    "stops": [0, 1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
    "sweep": [0, 1e-5, 1e-4, 0.001, 0.01, 0.1, 1] },
  "epochs": { "label": "Epochs", "initial": 4000, "min": 1, "max": 10000, "whole": true, "log": true,
    "stops": [100, 200, 500, 1000, 2000, 3000, 4000, 6000, 8000, 10000],
    "sweep": [100, 300, 1000, 2000, 4000] },
  "patience": { "label": "Patience", "initial": null, "min": 1, "max": 2000, "whole": true, "off": null, "log": true,
    "stops": [null, 1, 5, 10, 20, 50, 100, 200, 500, 1000], "sweep": [null, 1, 10, 50, 200, 1000] },
  "min_delta": { "label": "Least improvement", "initial": 0, "min": 0, "max": 1 },
  "restore": { "label": "Restore the best weights", "initial": true, "flag": true },
  "data_seed": { "label": "Data seed", "initial": 1, "min": 1, "max": 999999, "whole": true },
  "weights_seed": { "label": "Weights seed", "initial": 1, "min": 1, "max": 999999, "whole": true }
};

export function defaultSettings() {
  return Object.fromEntries(Object.entries(KNOBS).map(([name, knob]) => [name, knob.initial]));
}

/** Is this value allowed? Numbers must be numbers: a text such as "0.5" is not. */
export function isValid(name, value) {
  const knob = KNOBS[name];
  if (knob.choices) return knob.choices.includes(value);
  if (knob.flag) return typeof value === "boolean";
  if ("off" in knob && value === knob.off) return true;
  if (typeof value !== "number" || !(value >= knob.min && value <= knob.max)) return false;
  return !knob.whole || Number.isInteger(value);
}

function allowed(name) {
  const knob = KNOBS[name];
  if (knob.choices) return `one of ${knob.choices.join(", ")}`;
  if (knob.flag) return "true or false";
  const kind = knob.whole ? "a whole number" : "a number";
  return `${"off" in knob ? "off or " : ""}${kind} from ${knob.min} to ${knob.max}`;
}

const isName = (name) => Object.hasOwn(KNOBS, name);

/** Take over what is valid onto a base; say about the rest why it was left out. */
export function cleanSettings(wanted, base = defaultSettings()) {
  const settings = { ...base };
  const problems = [];
  for (const [name, value] of Object.entries(wanted ?? {})) {
    if (!isName(name)) problems.push(`“${shorten(name)}” is no setting and was ignored.`);
    else if (isValid(name, value)) settings[name] = value;
    else problems.push(`${KNOBS[name].label} must be ${allowed(name)}, not “${shorten(value)}”; ` +
      `it stays ${hashValue(name, settings[name])}.`);
  }
  return { settings, problems };
}

function shorten(value) {
  const words = typeof value === "string" ? value : JSON.stringify(value) ?? String(value);
  return words.length > 24 ? `${words.slice(0, 24)}…` : words;
}

// The hash holds one part for each playground whose settings the reader changed:
// #name?l2=0.01&dropout=0.5;other-name?width=5. Any other hash is an ordinary anchor.

function hashParts(hash) {
  const text = hash.replace(/^#/, "");
  return text.includes("?") ? text.split(";") : [];
}

function hashValue(name, value) {
  const knob = KNOBS[name];
  return "off" in knob && value === knob.off ? "off" : String(value);
}

function fromHash(name, text) {
  const knob = KNOBS[name];
  if ("off" in knob && text === "off") return knob.off;
  if (knob.flag) return text === "true" || (text === "false" ? false : text);
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}

/** The settings that a hash holds for the playground of this name, or null if it holds none. */
export function readHash(hash, name, base) {
  const prefix = `${encodeURIComponent(name)}?`;
  const part = hashParts(hash).find((each) => each.startsWith(prefix));
  if (part === undefined) return null;
  const wanted = {};
  for (const [key, text] of new URLSearchParams(part.slice(prefix.length))) {
    wanted[key] = isName(key) ? fromHash(key, text) : text;
  }
  return cleanSettings(wanted, base);
}

/** The hash with this playground's part set to what differs from the base, if anything does. */
export function writeHash(hash, name, settings, base) {
  const prefix = `${encodeURIComponent(name)}?`;
  const others = hashParts(hash).filter((part) => !part.startsWith(prefix));
  const changed = Object.keys(KNOBS).filter((key) => settings[key] !== base[key]);
  const own = changed.map((key) => `${key}=${hashValue(key, settings[key])}`).join("&");
  const parts = own ? [...others, prefix + own] : others;
  if (parts.length) return `#${parts.join(";")}`;
  return hash.includes("?") ? "" : hash;
}

export function nextSeed(seed, by = 1) {
  return ((seed - 1 + by) % KNOBS.data_seed.max) + 1;
}

/** The label of a setting's control, with the letter that the chapters use. */
export function labelOf(name) {
  const { label, symbol } = KNOBS[name];
  return symbol ? `${label} (${symbol})` : label;
}

/** Leave out what would train for minutes among these settings. */
function quickOf(values, { deepest }, settings) {
  return deepest && settings.depth === 2 ? values.filter((value) => value <= deepest) : values;
}

/** The values that a sweep tries. */
export function sweepOf(name, settings) {
  return quickOf(KNOBS[name].sweep, KNOBS[name], settings);
}

/** The stops of a slider among these settings, with its own value among them if it is no stop. */
export function stopsWith(name, settings) {
  const value = settings[name];
  const offered = quickOf(KNOBS[name].stops, KNOBS[name], settings);
  if (offered.includes(value)) return offered;
  return [...offered, value].sort((a, b) => (a ?? -1) - (b ?? -1));
}

/** What a second layer would make so large that nobody means it: the settings to change instead. */
export function tamed(patch, settings) {
  const { width, depth } = { ...settings, ...patch };
  const { deepest } = KNOBS.width;
  return patch.depth === 2 && depth !== settings.depth && width > deepest ? { ...patch, width: deepest } : patch;
}

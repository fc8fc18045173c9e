// The settings of a playground: their ranges, their defaults, what is valid, and the URL hash.
// Settings are plain JSON under the same names as in Python.

// A setting with `stops` gets a slider that moves from stop to stop (`log`: unevenly spaced ones),
// with `choices` a list, with neither a checkbox or a number field. `off` is the value that is
// allowed beside the range, `symbol` the letter that the chapters use, `sweep` the values that a
// sweep tries, `deepest` the last stop with two hidden layers. Python reads the same file.
import KNOBS from "./knobs.json" with { type: "json" };

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

/** What a setting may be, in words. */
export function allowed(name, off = "off") {
  const knob = KNOBS[name];
  if (knob.choices) return `one of ${knob.choices.join(", ")}`;
  if (knob.flag) return "true or false";
  const kind = knob.whole ? "a whole number" : "a number";
  return `${"off" in knob ? `${off} or ` : ""}${kind} from ${knob.min} to ${knob.max}`;
}

/** Fill in the defaults; refuse what is not allowed. */
export function fillSettings(given) {
  const settings = defaultSettings();
  for (const name of Object.keys(settings)) {
    if (given[name] === undefined) continue;
    if (!isValid(name, given[name])) {
      throw new RangeError(`${name} must be ${allowed(name, KNOBS[name].off)}, not ${given[name]}`);
    }
    settings[name] = given[name];
  }
  return settings;
}

const isName = (name) => Object.hasOwn(KNOBS, name);

/** Take over what is valid onto a base; say about the rest why it was left out. */
export function cleanSettings(wanted, base = defaultSettings()) {
  const settings = { ...base };
  const problems = [];
  for (const [name, value] of Object.entries(wanted ?? {})) {
    if (!isName(name)) problems.push(`“${shorten(name)}” is not a setting and was ignored.`);
    else if (isValid(name, value)) settings[name] = value;
    else {
      problems.push(
        `${KNOBS[name].label} must be ${allowed(name)}, not “${shorten(value)}”; ` +
          `it stays ${hashValue(name, settings[name])}.`,
      );
    }
  }
  return { settings, problems };
}

function shorten(value) {
  const words = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
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
  return patch.depth === 2 && depth !== settings.depth && width > deepest
    ? { ...patch, width: deepest }
    : patch;
}

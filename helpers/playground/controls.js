// The controls of the settings: sliders, lists, checkboxes and number fields.
import { make } from "./elements.js";
import { spokenText, valueText } from "./format.js";
import KNOBS from "./knobs.json" with { type: "json" };
import { labelOf, stopsWith } from "./state.js";

// Each control is {element, show(settings)}. It calls `change(name, value)` when the reader lets go
// and, while a slider moves, `hold(name, value)`.

function labeled(id, name, ...children) {
  const label = make("label", { htmlFor: id }, labelOf(name));
  return make("div", { className: "pg-control" }, label, ...children);
}

function sliderControl(id, name, { change, hold }) {
  const value = make("span", { className: "pg-value", "aria-hidden": "true" });
  const input = make("input", { type: "range", id, min: 0, step: 1, className: "pg-range" });
  const [first, last] = [make("span"), make("span")];
  const scale = make("span", {}, KNOBS[name].log ? "log scale" : "");
  const ends = make("div", { className: "pg-ends", "aria-hidden": "true" }, first, scale, last);
  let stops = KNOBS[name].stops;
  const say = () => {
    const at = stops[input.valueAsNumber];
    value.textContent = valueText(name, at);
    input.setAttribute("aria-valuetext", spokenText(name, at));
    input.dataset.value = at === null ? "off" : at;
    return at;
  };
  input.oninput = () => hold(name, say());
  input.onchange = () => change(name, stops[input.valueAsNumber]);
  const show = (settings) => {
    stops = stopsWith(name, settings);
    input.max = stops.length - 1;
    input.value = stops.indexOf(settings[name]);
    first.textContent = valueText(name, stops[0]);
    last.textContent = valueText(name, stops[stops.length - 1]);
    ends.style.setProperty("--pg-steps", stops.length - 1);
    say();
  };
  return { element: labeled(id, name, value, input, ends), show };
}

function selectControl(id, name, { change }) {
  const { choices } = KNOBS[name];
  const options = choices.map((choice, i) => make("option", { value: i }, String(choice)));
  const select = make("select", { id }, ...options);
  select.onchange = () => change(name, choices[select.selectedIndex]);
  const show = (settings) => {
    select.selectedIndex = choices.indexOf(settings[name]);
  };
  return { element: labeled(id, name, select), show };
}

function checkControl(id, name, { change }) {
  const input = make("input", { type: "checkbox", id });
  input.onchange = () => change(name, input.checked);
  const element = labeled(id, name);
  element.classList.add("pg-check");
  element.prepend(input);
  return {
    element,
    show: (settings) => {
      input.checked = settings[name];
    },
  };
}

function numberControl(id, name, { change }) {
  const { min, max, whole } = KNOBS[name];
  const input = make("input", { type: "number", id, min, max, step: whole ? 1 : "any" });
  input.onchange = () => change(name, input.value === "" ? null : input.valueAsNumber);
  return {
    element: labeled(id, name, input),
    show: (settings) => {
      input.value = settings[name];
    },
  };
}

function controlFor(id, name, actions) {
  const knob = KNOBS[name];
  if (knob.stops) return sliderControl(id, name, actions);
  if (knob.choices) return selectControl(id, name, actions);
  return (knob.flag ? checkControl : numberControl)(id, name, actions);
}

/** A control for every setting, by its name. */
export function createControls(id, actions) {
  const names = Object.keys(KNOBS);
  return Object.fromEntries(
    names.map((name) => [name, controlFor(`${id}-${name}`, name, actions)]),
  );
}

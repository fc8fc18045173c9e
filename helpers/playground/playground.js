// The playground: controls, figures, results and sweep, wired to a runner that trains.
//
//   mount(element, options, host) -> {dispose()}   builds one playground inside an element
//   hydrate(document)                              brings every playground of a published page to life
//   render({model, el}) -> cleanup                 the same as an anywidget
//
// options = {name, settings, controls: ["l2"], question, sweep: "l2", autorun: true}; all optional.
// host = {kind: "page"} on a published page, where settings go to the URL hash, or
// host = {kind: "widget", get(name), set(name, value), save(), onChange(name, fn) -> off()}
//        where settings and results are traits of a model in a Python kernel.
import { kerasCode } from "./keras_code.js";
import KNOBS from "./knobs.json" with { type: "json" };
import { cleanSettings, isValid, nextSeed, readHash, tamed, writeHash } from "./state.js";
import { make } from "./elements.js";
import { createSweep } from "./sweep.js";
import { report } from "./run.js";
import { createView, holdText } from "./view.js";
import { createTrainer } from "./trainer.js";

let mounted = 0; // numbers the playgrounds of a page, for ids that labels can point to

function fillOptions(given = {}) {
  if (given === null || typeof given !== "object")
    throw new TypeError("its options are not an object.");
  const { name, settings, controls, question, sweep, autorun } = given;
  const isKnob = (knob) => Object.hasOwn(KNOBS, String(knob));
  const shown = (Array.isArray(controls) ? controls : []).filter(isKnob).slice(0, 3);
  if (!shown.length) shown.push("l2");
  return {
    name: String(name || "playground"),
    settings,
    controls: shown,
    question: question ? String(question) : "",
    sweep: [sweep, shown[0], "l2"].find((knob) => isKnob(knob) && KNOBS[knob].sweep),
    autorun: autorun !== false,
  };
}

// ---- One playground -----------------------------------------------------------------------------

export function mount(element, given, host = { kind: "page" }) {
  const options = fillOptions(given);
  const { settings: base, problems } = cleanSettings(options.settings);
  const settings = { ...base };
  const id = `pg-${(mounted += 1)}`;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const isCalm = () => calm.matches;
  const sweep = createSweep(id, options.sweep, () => settings, isCalm);
  const view = createView(
    id,
    options,
    {
      change: (name, value) =>
        isValid(name, value) ? choose({ [name]: value }) : refuse(name, value),
      hold: (name, value) => trainer.hold(value === settings[name] ? "" : holdText(name, value)),
      togglePlay: () => trainer.togglePlay(settings),
      step: () => trainer.step(settings),
      reset: () => {
        trainer.forget();
        apply({ ...base });
      },
      newData: () => apply({ data_seed: nextSeed(settings.data_seed) }),
      newWeights: () => apply({ weights_seed: nextSeed(settings.weights_seed) }),
      reveal,
    },
    { sweep: sweep.element, copies: copies() },
  );
  const trainer = createTrainer(element, view, isCalm, (state, run) => tellHost(host, state, run));

  function copies() {
    const code = ["Copy as Keras code", "The Keras code", () => kerasCode(settings)];
    const link = () => location.href.split("#")[0] + writeHash("", options.name, settings, base);
    return host.kind === "page" ? [code, ["Copy link", "The link", link]] : [code];
  }

  function refuse(name, value) {
    view.tell(cleanSettings({ [name]: value }, settings).problems);
    view.showSettings(settings);
  }

  /** A choice of the reader, which never asks by accident for a network that takes minutes. */
  function choose(patch) {
    const wanted = tamed(patch, settings);
    apply(wanted);
    if (wanted !== patch)
      view.tell([`With two hidden layers ${wanted.width} units are the most that train quickly.`]);
  }

  /** Take over valid settings, tell the host, and train with them. */
  function apply(patch) {
    Object.assign(settings, patch);
    view.showSettings(settings);
    view.tell([]);
    if (host.kind === "widget")
      for (const [name, value] of Object.entries(patch)) host.set(name, value);
    if (host.kind === "widget") host.save();
    else setHash(writeHash(location.hash, options.name, settings, base));
    trainer.start(settings);
  }

  /** Settings from outside (the hash, the kernel): valid ones are taken over, the others named. */
  function accept({ settings: wanted, problems: found }) {
    const changed = Object.keys(KNOBS).some((name) => wanted[name] !== settings[name]);
    Object.assign(settings, wanted);
    view.showSettings(settings);
    view.tell([...found, ...warnings(settings)]);
    if (changed) trainer.start(settings);
  }

  function reveal() {
    const run = trainer.finished();
    if (run) view.reveal(run);
    else view.tell(["The test figure is of a finished run: let the network train first."]);
  }

  function fromHash() {
    const found = readHash(location.hash, options.name, base);
    if (!found) return;
    accept(found);
    element.scrollIntoView({ block: "start" });
  }

  function fromKernel() {
    const wanted = Object.fromEntries(Object.keys(KNOBS).map((name) => [name, host.get(name)]));
    accept(cleanSettings(wanted, settings));
  }

  element.dataset.engine = trainer.engine;
  view.showSettings(settings);
  place(element, view, trainer, base);
  view.tell([...problems, ...warnings(settings)]);
  const unwatch = watch(element, (seen) => {
    trainer.setSeen(seen);
    sweep.setSeen(seen);
  });
  trainer.setState("idle");
  if (host.kind === "page") fromHash();
  if (problems.length && !view.notes()) view.tell(problems);
  if (options.autorun && !trainer.begun()) trainer.start(settings);
  const unhear =
    host.kind === "page" ? listen(window, "hashchange", fromHash) : hear(host, fromKernel);

  function dispose() {
    unwatch();
    unhear();
    trainer.dispose();
    sweep.dispose();
    view.body.remove();
  }
  return { dispose };
}

/** Put the view in the place of the static picture, whose figures it shows until it has its own. */
function place(element, view, trainer, base) {
  const still = element.querySelector(".pg-body");
  if (still) {
    view.adopt(still);
    trainer.adopt({ ...base });
  } else {
    element.replaceChildren(view.body);
  }
}

/** What is asked for on purpose is trained, but not without a word. */
function warnings({ depth, width }) {
  if (depth === 1 || width <= KNOBS.width.deepest) return [];
  return [`Two hidden layers of ${width} units take long, perhaps minutes.`];
}

/** Tell whether the element is seen, whenever that changes, and at once. */
function watch(element, onSeen) {
  let inView = typeof IntersectionObserver === "undefined";
  const tell = () => onSeen(inView && !document.hidden);
  const unlisten = listen(document, "visibilitychange", tell);
  tell();
  if (inView) return unlisten;
  const observer = new IntersectionObserver((entries) => {
    inView = entries[entries.length - 1].isIntersecting;
    tell();
  });
  observer.observe(element);
  return () => {
    unlisten();
    observer.disconnect();
  };
}

function listen(target, type, action) {
  target.addEventListener(type, action);
  return () => target.removeEventListener(type, action);
}

/** Hear of the kernel's settings; several that change together make one run. */
function hear(host, action) {
  let due = false;
  const soon = () => {
    if (!due)
      queueMicrotask(() => {
        due = false;
        action();
      });
    due = true;
  };
  const offs = Object.keys(KNOBS).map((name) => host.onChange(name, soon));
  return () => offs.forEach((off) => off());
}

function tellHost(host, state, run) {
  if (host.kind !== "widget") return;
  if (state === "done") report(host, run);
  else if (host.get("state") !== state) host.set("state", state);
  host.save();
}

function setHash(hash) {
  try {
    history.replaceState(history.state, "", hash || location.pathname + location.search);
  } catch {
    // A page inside a frame without an address of its own has no hash to keep.
  }
}

// ---- Hosts --------------------------------------------------------------------------------------

/** Bring a published page's playgrounds to life. One that cannot says why; its picture stays. */
export function hydrate(page) {
  for (const element of page.querySelectorAll(".playground[data-playground]")) {
    if (element.dataset.state) continue; // alive already
    const before = [...element.children];
    try {
      mount(element, JSON.parse(element.dataset.playground));
    } catch (error) {
      element.replaceChildren(...before);
      element.dataset.state = "error";
      element.append(
        make(
          "p",
          { className: "pg-status", role: "status" },
          `This playground cannot start, so its picture stands still: ${error.message}`,
        ),
      );
    }
  }
}

function widgetHost(model) {
  return {
    kind: "widget",
    get: (name) => model.get(name),
    set: (name, value) => model.set(name, value),
    save: () => model.save_changes(),
    onChange: (name, action) => {
      model.on(`change:${name}`, action);
      return () => model.off(`change:${name}`, action);
    },
  };
}

/** The anywidget: settings, options and results are traits of the model. */
export function render({ model, el }) {
  const element = make("div", { className: "playground" });
  el.append(element);
  const traits = (names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const options = {
    ...traits(["name", "controls", "question", "sweep"]),
    settings: traits(Object.keys(KNOBS)),
  };
  return mount(element, options, widgetHost(model)).dispose;
}

// The playground: controls, figures, results and sweep, wired to a runner that trains.
//
//   mount(element, options, hostOf) -> {dispose()}   builds one playground inside an element
//   hydrate(document)                                brings those of a published page to life
//   render({model, el}) -> cleanup                   the same as an anywidget
//
// options = {name, settings, controls: ["l2"], question, sweep: "l2", autorun: true}; all optional.
import { kerasCode } from "./keras_code.js";
import KNOBS from "./knobs.json" with { type: "json" };
import { cleanSettings, isValid, nextSeed, tamed } from "./state.js";
import { make } from "./elements.js";
import { createSweep } from "./sweep.js";
import { sameSettings } from "./run.js";
import { kernelHost, listen, pageHost, traits } from "./hosts.js";
import { createView, holdText } from "./view.js";
import { createTrainer } from "./trainer.js";

let mounted = 0; // numbers the playgrounds of a page, for ids that labels can point to

function fillOptions(given = {}) {
  if (given === null || typeof given !== "object") {
    throw new TypeError("its options are not an object.");
  }
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

/** Build a playground; `hostOf(name)` gives the host that one of this name lives in. */
export function mount(element, given, hostOf = pageHost) {
  const options = fillOptions(given);
  const host = hostOf(options.name);
  const { settings: base, problems } = cleanSettings(options.settings);
  const settings = { ...base };
  const id = `pg-${(mounted += 1)}`;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const isCalm = () => calm.matches;
  const sweep = createSweep(id, options.sweep, () => settings, isCalm);
  const own = { settings, base, apply };
  const parts = { sweep: sweep.element, copies: copiesOf(host, own) };
  const view = createView(id, options, actionsOf(own), parts);
  const trainer = createTrainer(element, view, isCalm, host.tell);
  Object.assign(own, { view, trainer });

  /** Take over valid settings, let the host keep them, and train with them. */
  function apply(patch) {
    Object.assign(settings, patch);
    view.showSettings(settings);
    view.tell([]);
    host.keep(patch, settings, base);
    trainer.start(settings);
  }

  /** Settings from outside: valid ones are taken over, the others named. */
  function readHost() {
    const found = host.read(settings, base);
    if (!found) return;
    const changed = !sameSettings(found.settings, settings);
    Object.assign(settings, found.settings);
    view.showSettings(settings);
    view.tell([...found.problems, ...warnings(settings)]);
    if (changed) trainer.start(settings);
    if (host.link) formulasAreSet().then(() => element.scrollIntoView({ block: "start" }));
  }

  element.dataset.engine = trainer.engine;
  view.showSettings(settings);
  place(element, view, trainer, base);
  const unwatch = watch(element, (seen) => {
    trainer.setSeen(seen);
    sweep.setSeen(seen);
  });
  trainer.setState("idle");
  view.tell([...problems, ...warnings(settings)]);
  if (host.link) readHost();
  if (problems.length && !view.notes()) view.tell(problems);
  if (options.autorun && !trainer.begun()) trainer.start(settings);
  const unlisten = host.listen(readHost);

  function dispose() {
    unwatch();
    unlisten();
    trainer.dispose();
    sweep.dispose();
    view.body.remove();
  }
  return { dispose };
}

// In these functions `own` is a playground: its settings, those it began with (base), its view and
// trainer, and apply(patch).

/** What the reader's controls and buttons do. */
function actionsOf(own) {
  const { settings, base, apply } = own;
  return {
    change: (name, value) => (isValid(name, value) ? choose : refuse)(own, name, value),
    hold: (name, value) => own.trainer.hold(value === settings[name] ? "" : holdText(name, value)),
    togglePlay: () => own.trainer.togglePlay(settings),
    step: () => own.trainer.step(settings),
    reset: () => {
      own.trainer.forget();
      apply({ ...base });
    },
    newData: () => apply({ data_seed: nextSeed(settings.data_seed) }),
    newWeights: () => apply({ weights_seed: nextSeed(settings.weights_seed) }),
    reveal: () => reveal(own),
  };
}

/** A choice of the reader, which never asks by accident for a network that takes minutes. */
function choose({ settings, view, apply }, name, value) {
  const patch = { [name]: value };
  const wanted = tamed(patch, settings);
  apply(wanted);
  if (wanted === patch) return;
  view.tell([
    `With two hidden layers ${wanted.width} units are the most that still train quickly.`,
  ]);
}

function refuse({ settings, view }, name, value) {
  view.tell(cleanSettings({ [name]: value }, settings).problems);
  view.showSettings(settings);
}

function reveal({ view, trainer }) {
  const run = trainer.finished();
  if (run) view.reveal(run);
  else view.tell(["The test result belongs to a finished run: let the network train first."]);
}

/** What the reader can copy: [label, what it is, () => text]. */
function copiesOf(host, { settings, base }) {
  const code = ["Copy as Keras code", "The Keras code", () => kerasCode(settings)];
  return host.link ? [code, ["Copy link", "The link", () => host.link(settings, base)]] : [code];
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

/** A link leads to a figure once the formulas above it are set, which push it down. */
async function formulasAreSet() {
  if (document.readyState !== "complete") {
    await new Promise((done) => addEventListener("load", done, { once: true }));
  }
  await globalThis.MathJax?.startup?.promise;
}

/** What is asked for on purpose is trained, but not without a word. */
function warnings({ depth, width }) {
  if (depth === 1 || width <= KNOBS.width.deepest) return [];
  return [`Two hidden layers of ${width} units take a long time to train, perhaps minutes.`];
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

// ---- All of a page, and the widget --------------------------------------------------------------

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

/** The anywidget: settings, options and results are traits of the model. */
export function render({ model, el }) {
  const element = make("div", { className: "playground" });
  el.append(element);
  const options = {
    ...traits(model, ["name", "controls", "question", "sweep"]),
    settings: traits(model, Object.keys(KNOBS)),
  };
  return mount(element, options, () => kernelHost(model)).dispose;
}

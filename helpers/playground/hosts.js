// Where a playground lives, and where its settings come from and go to: a published page or a
// notebook's kernel. Each host is {
//   read(settings, base)         settings from outside: {settings, problems}, or null
//   keep(patch, settings, base)  what the reader has changed
//   listen(action) -> off()      tells when there is something new to read
//   tell(state, run)             hears of each state of the training
//   link(settings, base)         an address that leads to these settings; only on a page
// }.
import KNOBS from "./knobs.json" with { type: "json" };
import { report } from "./run.js";
import { cleanSettings, readHash, writeHash } from "./state.js";

/** Call an action at an event; the function that is returned ends it. */
export function listen(target, type, action) {
  target.addEventListener(type, action);
  return () => target.removeEventListener(type, action);
}

/** A published page: the settings of the playground of this name stand in the URL's hash. */
export function pageHost(name) {
  return {
    read: (settings, base) => readHash(location.hash, name, base),
    keep: (patch, settings, base) => setHash(writeHash(location.hash, name, settings, base)),
    listen: (action) => listen(window, "hashchange", action),
    tell: () => {},
    link: (settings, base) => location.href.split("#")[0] + writeHash("", name, settings, base),
  };
}

function setHash(hash) {
  try {
    history.replaceState(history.state, "", hash || location.pathname + location.search);
  } catch {
    // A page inside a frame without an address of its own has no hash to keep.
  }
}

/** A Python kernel: settings and results are traits of its model. */
export function kernelHost(model) {
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  return {
    read: (settings) => cleanSettings(traits(model, Object.keys(KNOBS)), settings),
    keep: set,
    listen: (action) => listenToModel(model, action),
    tell: (state, run) => set(state === "done" ? report(run) : { state }),
  };
}

/** The values of these traits, by name. */
export function traits(model, names) {
  return Object.fromEntries(names.map((name) => [name, model.get(name)]));
}

/** Several settings that change together are one change. */
function listenToModel(model, action) {
  let due = false;
  const act = () => {
    due = false;
    action();
  };
  const soon = () => {
    if (!due) queueMicrotask(act);
    due = true;
  };
  const events = Object.keys(KNOBS).map((name) => `change:${name}`);
  for (const event of events) model.on(event, soon);
  return () => {
    for (const event of events) model.off(event, soon);
  };
}

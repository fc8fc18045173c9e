/**
 * Runs the engine without freezing the page: in a Web Worker, or, where a page may have none, on
 * the main thread in short slices. Both run the same loop and answer with the same messages.
 */
import KNOBS from "./knobs.json" with { type: "json" };
import { engine } from "./engine.js";
import { allowed, defaultSettings, fillSettings, isValid } from "./state.js";

const WORKER_SLICE = 20;
const MAIN_SLICE = 8; // milliseconds of work between two looks at the mail
const SILENCE = 300; // milliseconds after which a worker that must change its task is replaced

/**
 * The loop around an engine. It takes orders {id, order: "train" | "cancel" | "pause" | "resume" |
 * "step", ...} and posts {id, kind: "start" | "progress" | "done" | "error", ...}. An order to step
 * says `until` which epoch. It stands in one function, as its source text is also the worker's.
 */
function engineLoop(makeEngine, post, later, slice) {
  const network = makeEngine();
  const now = () => performance.now();
  let task = null; // the run: there is one at most
  let waiting = false; // whether a turn is on its way

  function receive(mail) {
    if (mail.order === "train") {
      task = {
        id: mail.id,
        grid: mail.grid,
        every: mail.every_ms,
        due: now() + mail.every_ms / 4, // the first picture answers the reader's hand
        epochs: 1,
        ms: 0,
        busy: 0,
        trainLoss: [],
        valLoss: [],
        last: null, // epochs: how many per slice
        paused: mail.paused,
        until: 0, // the epoch to which a paused run steps
        picture: null,
        filled: 0,
        began: 0,
      };
      attempt(() => {
        network.configure(mail.settings);
        post({ id: mail.id, kind: "start", points: network.points() });
      });
    } else if (task && task.id === mail.id) {
      if (mail.order === "cancel") task = null;
      if (mail.order === "pause") task.paused = true;
      if (mail.order === "resume") task.paused = false;
      if (mail.order === "step") [task.paused, task.until] = [true, mail.until];
    }
    if (task) goOn();
  }

  const stepsLeft = () => Math.max(0, task.until - (task.last?.epoch ?? 0));

  function attempt(action) {
    const { id } = task;
    try {
      action();
    } catch (error) {
      task = null;
      post({ id, kind: "error", message: error.message });
    }
  }

  function goOn() {
    if (waiting) return;
    waiting = true;
    later(() => {
      waiting = false;
      if (task) {
        attempt(() => {
          const mine = task;
          const began = now();
          turn();
          mine.busy += now() - began;
        });
      }
      if (task && (!task.paused || stepsLeft() || task.picture)) goOn();
    });
  }

  /** Spend one slice on a picture that has begun, or on training. */
  function turn() {
    if (task.picture) return paint();
    if (task.paused && !stepsLeft()) return begin();
    const began = now();
    const wanted = task.paused ? Math.min(stepsLeft(), task.epochs) : task.epochs;
    const trained = (task.last = network.train(wanted));
    const spent = now() - began;
    task.ms += spent;
    task.epochs = Math.max(1, Math.floor(wanted * Math.min(2, slice / spent)));
    task.trainLoss.push(trained.trainLoss);
    task.valLoss.push(trained.valLoss);
    if (trained.done || (task.paused && !stepsLeft()) || now() > task.due) begin();
    return undefined;
  }

  /** Begin a picture, if there is anything new to tell. */
  function begin() {
    if (!task.valLoss.length) return;
    task.picture = new Float32Array(task.grid.length / 2);
    task.filled = 0;
    task.began = now();
  }

  /** Fill the picture until the slice is over; post it when it is complete. */
  function paint() {
    const end = now() + slice;
    const { grid, picture } = task;
    while (task.filled < picture.length) {
      const part = grid.subarray(2 * task.filled, 2 * task.filled + 64);
      picture.set(network.predict(part), task.filled);
      task.filled += part.length / 2;
      if (now() > end) return;
    }
    const { done } = task.last;
    const message = news();
    // Pictures take a quarter of the time at most, however large the network is.
    task.due = now() + Math.max(task.every, 3 * (now() - task.began));
    Object.assign(task, { picture: null, trainLoss: [], valLoss: [] });
    if (done) task = null;
    post(message);
  }

  /** What has come about since the last picture and, in the end, the results. */
  function news() {
    const { id, last, picture, busy, ms } = task;
    const { epoch, bestEpoch, stoppedEpoch, restoredEpoch, diverged, done } = last;
    const curves = { trainLoss: join(task.trainLoss), valLoss: join(task.valLoss) };
    const message = { id, kind: "progress", epoch, bestEpoch, grid: picture, busy, ...curves };
    if (!done) return message;
    const [train, val, test] = ["train", "val", "test"].map((name) => network.evaluate(name));
    const weights = network.weights();
    const ends = { stoppedEpoch, restoredEpoch, diverged, train, val, test, weights, ms };
    return { ...message, kind: "done", ...ends };
  }

  function join(arrays) {
    const joined = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
    let at = 0;
    for (const array of arrays) {
      joined.set(array, at);
      at += array.length;
    }
    return joined;
  }

  return receive;
}

/** The worker's script. A channel to itself wakes it sooner than setTimeout, which waits 4 ms. */
function workerSource() {
  const knobs = `const KNOBS = ${JSON.stringify(KNOBS)};`;
  const functions = [allowed, defaultSettings, fillSettings, isValid, engine];
  return `"use strict";
${[knobs, ...functions].join("\n")}
const channel = new MessageChannel();
let next;
channel.port1.onmessage = () => next();
const later = (action) => { next = action; channel.port2.postMessage(0); };
const post = (message) => postMessage(message);
const receive = (${engineLoop})(engine, post, later, ${WORKER_SLICE});
onmessage = ({ data }) => receive(data);`;
}

/** Start a worker: {send(order), stop()}. It calls onMail and, if it fails, onFail. */
function startWorker(onMail, onFail) {
  const url = URL.createObjectURL(new Blob([workerSource()], { type: "text/javascript" }));
  let worker;
  try {
    worker = new Worker(url);
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
  worker.onmessage = ({ data }) => {
    URL.revokeObjectURL(url);
    onMail(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onFail(event.message);
  };
  return { send: (mail) => worker.postMessage(mail), stop: () => worker.terminate() };
}

/** The same on the main thread. */
function startOnMain(onMail) {
  let stopped = false;
  const post = (message) => {
    if (!stopped) onMail(message);
  };
  const receive = engineLoop(engine, post, (action) => setTimeout(action), MAIN_SLICE);
  const send = (mail) =>
    setTimeout(() => {
      if (!stopped) receive(mail);
    });
  return {
    send,
    stop: () => {
      stopped = true;
    },
  };
}

/** Return what trains networks one at a time: train, cancel, pause, resume, step and dispose. */
export function createRunner() {
  let place = null; // where the engine runs: a worker or the main thread
  let onMainThread = false;
  let answered = false;
  let heard = 0;
  let current = null; // the run that may call back
  let id = 0;

  function onMail(mail) {
    answered = true;
    heard = performance.now();
    const { kind, id: from, ...content } = mail;
    if (!current || from !== current.id) return;
    const { onStart, onProgress, onDone, onError } = current.callbacks;
    if (kind === "done" || kind === "error") current = null;
    if (kind === "start") onStart?.(content.points);
    if (kind === "progress") onProgress?.(content);
    if (kind === "done") onDone?.(content);
    if (kind === "error") onError?.(content.message);
  }

  /** A worker that never answered may be forbidden: go on without. One that did has crashed. */
  function onFail(message) {
    stop();
    if (!answered) {
      onMainThread = true;
      if (current) begin(current);
    } else if (current) {
      const { onError } = current.callbacks;
      current = null;
      onError?.(message || "the worker failed");
    }
  }

  function start() {
    if (!onMainThread) {
      try {
        answered = false;
        return startWorker(onMail, onFail);
      } catch {
        onMainThread = true;
      }
    }
    return startOnMain(onMail);
  }

  function stop() {
    place?.stop();
    place = null;
  }

  function begin({ mail }) {
    place ??= start();
    place.send(mail);
  }

  function order(name, content = {}) {
    if (current) place.send({ id: current.id, order: name, ...content });
  }

  /** Train with these settings; the run before is canceled and does not call back any more. */
  function train(
    settings,
    { grid = new Float32Array(0), every_ms = 40, paused = false, ...callbacks } = {},
  ) {
    if (current && !onMainThread && performance.now() - heard > SILENCE) stop(); // deep in an epoch
    heard = performance.now();
    id++;
    const mail = { id, order: "train", settings: { ...settings }, grid, every_ms, paused };
    current = { id, callbacks, mail };
    begin(current);
  }

  function cancel() {
    order("cancel");
    current = null;
  }

  function dispose() {
    current = null;
    stop();
  }

  const [pause, resume] = ["pause", "resume"].map((name) => () => order(name));
  const step = (until) => order("step", { until });
  return { train, cancel, dispose, pause, resume, step, engine: "js" };
}

// The box on the page "What do you see?": a training log in, a diagnosis beside it.
//
//   hydrate(document)   brings each <div class="diagnosis"> of a published page to life
//
// The log stays in the page. Whatever it holds is shown as text, never as markup.
import { announce, make } from "../playground/elements.js";
import { reportOf } from "./box_report.js";
import { takeDrops, contentsOf } from "./box_sources.js";
import { createDiagnosis, createExamples, createFields, titleOf } from "./box_view.js";
import EXAMPLES from "./examples.json" with { type: "json" };
import { read, readFiles } from "./reading.js";
import { diagnose } from "./verdicts.js";

const LONG = 2e6; // characters or bytes that take long enough to say so first
const NOTHING = "There is no log yet: drop one, choose a file, or paste its text.";
const ROWS = "Rows of validation data must be a whole number from 1 up, or empty.";

let mounted = 0; // numbers the boxes of a page, for ids that labels can point to

/** The log of one source, {files} or {text}. */
function historyOf({ files, text }) {
  return files ? readFiles(files) : read(text);
}

function lengthOf({ files, text }) {
  return files ? files.reduce((sum, each) => sum + each.text.length, 0) : text.length;
}

/** "run.csv · Keras CSVLogger · 250 epochs" */
function wordsOf(source, { format }, { n_epochs: epochs }) {
  const count = Number.isFinite(epochs)
    ? `${epochs.toLocaleString("en-US")} epoch${epochs === 1 ? "" : "s"}`
    : "";
  return [source.name, format, count].filter(Boolean).join(" \u00b7 ");
}

function exampleHistory({ text, file }) {
  return read(text, { fileName: file });
}

/** Build the box inside an element. */
export function mount(element) {
  const id = `dg-${(mounted += 1)}`;
  const spoken = make("p", { className: "pg-spoken", role: "status" });
  let source = null; // of the diagnosis that is shown
  let latest = 0; // numbers what is asked for: a slow file does not replace a later one

  const fields = createFields(id, {
    files: takeFiles,
    text: takeText,
    changed: () => source && judge(source),
    clear,
  });
  const diagnosis = createDiagnosis(id, (found, words, framework) =>
    reportOf(found, { titleOf, source: words, framework, link: addressOf(location) }),
  );
  const examples = createExamples(
    EXAMPLES.map((example, index) => ({
      ...example,
      history: exampleHistory(example),
      act: () => takeExample(example, index),
    })),
  );

  /** Read and diagnose; what is shown stays until that has worked. */
  function judge(wanted) {
    const begun = performance.now();
    try {
      const history = historyOf(wanted);
      const found = diagnose(history, { nVal: rowsOf(fields.rows) });
      element.dataset.state = "done"; // first, so that the picture finds its width
      diagnosis.show(found, history, wordsOf(wanted, history, found.numbers));
      element.dataset.verdict = found.verdict;
      source = wanted;
      examples.press(wanted.example ?? -1);
      fields.fail("");
      announce(spoken, `${titleOf(found.verdict)}: ${found.verdicts[0].sentence}`);
    } catch (error) {
      fields.fail(error.message);
      return;
    }
    element.dataset.ms = (performance.now() - begun).toFixed(1);
    element.dispatchEvent(new CustomEvent("diagnosed"));
  }

  /** The same, but with a word and a frame before it if it takes long. */
  function begin(wanted) {
    if (lengthOf(wanted) < LONG) {
      judge(wanted);
      reveal();
      return;
    }
    announce(spoken, "The log is being read.");
    const turn = (latest += 1);
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (turn !== latest) return;
        judge(wanted);
        reveal();
      }),
    );
  }

  async function takeFiles(given) {
    const turn = (latest += 1);
    try {
      const files = await contentsOf(given);
      if (turn !== latest) return;
      forgetRows();
      begin({ files, name: files.map(({ name }) => name).join(", ") });
    } catch (error) {
      if (turn === latest) fields.fail(error.message);
    }
  }

  function takeText(text) {
    latest += 1;
    if (text.trim()) {
      forgetRows();
      begin({ text, name: "Pasted text" });
    } else if (source) judge(source);
    else fields.fail(NOTHING);
  }

  function takeExample(example, index) {
    latest += 1;
    fields.rows.value = example.n_val;
    fields.rows.dataset.of = "example";
    begin({
      files: [{ name: example.file, text: example.text }],
      name: `Example: ${example.file}`,
      example: index,
    });
  }

  /** The rows of an example are not those of the reader's own run. */
  function forgetRows() {
    if (fields.rows.dataset.of === "example") fields.rows.value = "";
    delete fields.rows.dataset.of;
  }

  function clear() {
    latest += 1;
    source = null;
    fields.log.value = fields.rows.value = "";
    fields.fail("");
    examples.press(-1);
    delete element.dataset.verdict;
    element.dataset.state = "empty";
    announce(spoken, "The box is empty.");
    fields.log.focus();
  }

  /** Show the verdict if it lies out of view, as on a telephone. */
  function reveal() {
    if (!source) return;
    const { top } = diagnosis.result.getBoundingClientRect();
    if (top > 0.6 * window.innerHeight || top < 0) {
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      diagnosis.result.scrollIntoView({ block: "start", behavior });
    }
  }

  const body = make(
    "div",
    { className: "dg-body" },
    fields.element,
    examples.element,
    diagnosis.result,
    diagnosis.more,
    spoken,
  );
  element.replaceChildren(body);
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Diagnosis of a training log");
  element.dataset.state = "empty";
  takeDrops(element, { onFiles: takeFiles, onText: pasteText });
  watchLog(fields.log, takeText, () => source?.text);
  fields.rows.addEventListener("input", () => delete fields.rows.dataset.of);

  function pasteText(text) {
    fields.log.value = text;
    takeText(text);
  }
}

/** A log that is pasted or dropped into the field is diagnosed at once, one that is typed is not. */
function watchLog(log, take, current) {
  log.addEventListener("paste", () => {
    if (log.value === current()) log.select(); // a new log replaces the one that is shown
  });
  log.addEventListener("input", ({ inputType }) => {
    if (["insertFromPaste", "insertFromDrop"].includes(inputType)) take(log.value);
  });
  log.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) take(log.value);
  });
}

/** The number of rows in the field, or null. */
function rowsOf({ value, validity }) {
  if (validity.badInput) throw new Error(ROWS);
  if (value === "") return null;
  const rows = Number(value);
  if (!Number.isInteger(rows) || rows < 1) throw new Error(ROWS);
  return rows;
}

/** Where this page can be read by others, too; a file cannot. */
function addressOf({ protocol, href }) {
  return protocol.startsWith("http") ? href.split("#")[0] : null;
}

/** Bring the boxes of a published page to life. One that cannot keeps what it says, and says why. */
export function hydrate(page) {
  for (const element of page.querySelectorAll("div.diagnosis:not([data-state])")) {
    const before = [...element.childNodes];
    try {
      mount(element);
    } catch (error) {
      element.dataset.state = "error";
      const words = `This box cannot start in this browser: ${error.message}`;
      element.replaceChildren(...before, make("p", { role: "status" }, words));
    }
  }
}

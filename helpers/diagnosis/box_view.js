// What a reader sees of the box: the fields, the examples, and a diagnosis with all that it says.
import { announce, button, createCopies, make } from "../playground/elements.js";
import { numberText } from "./box_axes.js";
import { createPicture, thumbnail } from "./box_picture.js";
import ADVICE from "./advice.json" with { type: "json" };

const FRAMEWORKS = [
  ["keras", "Keras"],
  ["pytorch", "PyTorch"],
];
const KEPT = "diagnosis framework"; // the name under which the browser keeps the choice
const TABLE_ROWS = 12;
const LONGEST = 400; // characters of an error

/** The title of a verdict: "Overfitting". */
export function titleOf(name) {
  return ADVICE[name]?.title ?? name[0].toUpperCase() + name.slice(1);
}

const paragraph = (className, ...children) => make("p", { className }, ...children);

// ---- The fields ---------------------------------------------------------------------------------

/** The fields and buttons; `actions` are {files, text, changed, clear}. */
export function createFields(id, actions) {
  const chooser = make("input", {
    type: "file",
    multiple: true,
    id: `${id}-files`,
    className: "dg-chooser",
    onchange: () => {
      if (chooser.files.length) actions.files([...chooser.files]);
      chooser.value = ""; // the same file again is a change, too
    },
  });
  const log = make("textarea", {
    id: `${id}-log`,
    className: "dg-log",
    rows: 6,
    spellcheck: false,
    placeholder: "epoch,loss,val_loss\n0,0.693,0.671\n1,0.592,0.604\n…",
    autocomplete: "off",
  });
  log.setAttribute("autocapitalize", "off");
  const rows = make("input", {
    id: `${id}-rows`,
    type: "number",
    min: 1,
    step: 1,
    inputMode: "numeric",
    autocomplete: "off",
    onchange: actions.changed,
  });
  const fault = make("p", { className: "dg-fault", role: "alert" });
  const fail = (text) => (text ? announce(fault, shortened(text)) : fault.replaceChildren());
  const go = button("Diagnose", () => actions.text(log.value));
  go.classList.add("dg-go");
  const element = make(
    "div",
    { className: "dg-fields" },
    make(
      "div",
      { className: "dg-drop" },
      make("strong", {}, "Drop a training log here"),
      chooser,
      make("label", { htmlFor: chooser.id, className: "pg-button" }, "or choose files"),
    ),
    make("label", { htmlFor: log.id }, "or paste it as text"),
    log,
    make(
      "div",
      { className: "dg-rows" },
      make(
        "label",
        { htmlFor: rows.id },
        "Rows of validation data ",
        make("small", {}, "(optional)"),
      ),
      rows,
    ),
    make("div", { className: "dg-buttons" }, go, button("Clear", actions.clear)),
    fault,
    paragraph("dg-private", "Nothing is uploaded. Your browser reads the log, here on this page."),
  );
  return { element, log, rows, fail };
}

function shortened(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** Buttons with a small picture each; `examples` are {label, format, history, act}. */
export function createExamples(examples) {
  const buttons = examples.map(({ label, format, history, act }) => {
    const words = [make("span", {}, label), make("small", {}, format)];
    const each = make(
      "button",
      { type: "button", className: "dg-example", onclick: act },
      ...(history ? [thumbnail(history)] : []),
      make("span", { className: "dg-words" }, ...words),
    );
    each.setAttribute("aria-pressed", "false");
    return each;
  });
  const items = buttons.map((each) => make("li", {}, each));
  const element = make(
    "div",
    { className: "dg-examples" },
    make("h2", {}, "Or look at a real run"),
    make("ul", {}, ...items),
  );
  const press = (index) =>
    buttons.forEach((each, i) => each.setAttribute("aria-pressed", String(i === index)));
  return { element, press };
}

// ---- The diagnosis ------------------------------------------------------------------------------

function listOf(sentences) {
  return make("ul", {}, ...sentences.map((each) => make("li", {}, each)));
}

function section(title, ...children) {
  return make("section", {}, make("h3", {}, title), ...children);
}

/** Verdict, curves, and below them what the verdict rests on and leads to. */
export function createDiagnosis(id, reportOf) {
  let shown = []; // the diagnosis, and where its log is from
  const sentence = paragraph("dg-sentence");
  const source = paragraph("dg-source");
  const title = make("h2", { className: "dg-title" });
  const also = make("ul", { className: "dg-also" });
  const picture = createPicture();
  const numbers = make("div", { className: "dg-table" });
  const folded = make("details", {}, make("summary", {}, "Numbers of the curves"), numbers);
  const report = () => reportOf(...shown, framework.value());
  const copies = createCopies([["Copy a report", "The report, as Markdown,", report]]);
  const head = make("div", { className: "dg-head" }, source, title, sentence, also);
  const result = make("div", { className: "dg-result" }, head, picture.element, folded, copies);
  const more = make("div", { className: "dg-more" });
  const framework = createChoice(id, () => (more.dataset.framework = framework.value()));

  function show(diagnosis, history, words) {
    const [first, ...others] = diagnosis.verdicts;
    shown = [diagnosis, words];
    source.textContent = words;
    sentence.textContent = first.sentence;
    title.replaceChildren(titleOf(first.name), " ", confidence(first));
    also.replaceChildren(...others.map(alsoItem));
    more.dataset.framework = framework.value();
    more.replaceChildren(...parts(diagnosis));
    picture.show(diagnosis, history);
    numbers.replaceChildren(tableOf(diagnosis.curves));
  }

  function parts(diagnosis) {
    const { evidence } = diagnosis.verdicts[0];
    return [
      ...(evidence.length ? [section("Evidence", listOf(evidence))] : []),
      ...(diagnosis.try.length ? [adviceSection(diagnosis.try, framework)] : []),
      ...(diagnosis.unknown.length
        ? [section("What it cannot know", listOf(diagnosis.unknown))]
        : []),
      section(
        "What was read",
        paragraph("", `${diagnosis.read.format}.`),
        listOf(diagnosis.read.notes),
      ),
    ];
  }

  return { result, more, show };
}

function confidence({ confidence: degree }) {
  return make("small", { className: "dg-confidence" }, `${degree} confidence`);
}

function alsoItem(verdict) {
  const { name, sentence, evidence } = verdict;
  const summary = make(
    "summary",
    {},
    "Also: ",
    make("strong", {}, titleOf(name)),
    " ",
    confidence(verdict),
  );
  const more = evidence.length ? [listOf(evidence)] : [];
  return make("li", {}, make("details", {}, summary, paragraph("", sentence), ...more));
}

/** Keras or PyTorch: a choice that all advice follows, and that the browser keeps. */
function createChoice(id, onchange) {
  const kept = remembered();
  const radios = FRAMEWORKS.map(([value]) =>
    make("input", {
      type: "radio",
      name: `${id}-framework`,
      value,
      checked: value === kept,
      onchange: () => {
        remember(value);
        onchange();
      },
    }),
  );
  const labels = radios.map((radio, i) =>
    make("label", {}, radio, make("span", {}, FRAMEWORKS[i][1])),
  );
  const legend = make("legend", {}, "Code for");
  const element = make("fieldset", { className: "dg-choice" }, legend, ...labels);
  return { element, value: () => radios.find(({ checked }) => checked).value };
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEPT);
    return FRAMEWORKS.some(([value]) => value === kept) ? kept : FRAMEWORKS[0][0];
  } catch {
    return FRAMEWORKS[0][0]; // no storage: the first
  }
}

function remember(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // as above
  }
}

/** What to try, in order; the code of the first is open. */
function adviceSection(advice, framework) {
  const items = advice.map(({ what, why, chapter, link, ...code }, i) => {
    const [first, rest] = parted(what);
    const words = ` ${rest}${why} `;
    const lead = paragraph("", make("strong", {}, first), words, linkTo(chapter, link));
    return make("li", {}, lead, ...codeOf(code, i === 0));
  });
  const all = section("What to try next", framework.element, make("ol", {}, ...items));
  all.className = "dg-try";
  return all;
}

/** The first sentence of a text, and what follows it. */
function parted(text) {
  const end = text.search(/[.!?] /) + 1;
  return end ? [text.slice(0, end), `${text.slice(end + 1)} `] : [text, ""];
}

function linkTo(chapter, link) {
  if (!link) return "";
  const root = document.documentElement.dataset.content_root ?? "";
  return make("a", { href: root + link }, /^\d/.test(chapter) ? `Chapter ${chapter}` : chapter);
}

/** The code for each framework, folded; which of them shows is the reader's choice. */
function codeOf(code, open) {
  const given = FRAMEWORKS.filter(([name]) => code[name]);
  if (!given.length) return [];
  const look = (name) => ({ className: `dg-${name}` });
  const words = given.map(([name, title]) => make("span", look(name), `${title} code`));
  const blocks = given.map(([name, title]) => codeBlock(name, title, code[name]));
  const summary = make("summary", {}, ...words);
  return [make("details", { className: "dg-code-of", open }, summary, ...blocks)];
}

function codeBlock(name, title, code) {
  const block = make("pre", { tabIndex: 0 }, make("code", {}, code));
  const copies = createCopies([["Copy", `The ${title} code`, () => code]]);
  return make("div", { className: `dg-code dg-${name}` }, block, copies);
}

// ---- The numbers of the curves ------------------------------------------------------------------

const COLUMNS = [
  ["train_loss", "Training loss"],
  ["val_loss", "Validation loss"],
  ["train_score", "Training score"],
  ["val_score", "Validation score"],
];

/** About a dozen epochs of all curves, as they were logged. */
function tableOf(curves) {
  const columns = COLUMNS.filter(([name]) => curves[name]?.x.length);
  const longest =
    columns.map(([name]) => curves[name].x).sort((a, b) => b.length - a.length)[0] ?? [];
  const last = longest.length - 1;
  const picked = Array.from({ length: TABLE_ROWS }, (_, i) =>
    Math.round((last * i) / (TABLE_ROWS - 1)),
  );
  const epochs = [...new Set(picked)].filter((i) => i >= 0).map((i) => longest[i]);
  const cell = (name, epoch) => {
    const at = curves[name].x.indexOf(epoch);
    return at < 0 ? "" : numberText(curves[name].y[at]);
  };
  const head = ["Epoch", ...columns.map(([, words]) => words)];
  const rows = epochs.map((epoch) => [
    numberText(epoch),
    ...columns.map(([name]) => cell(name, epoch)),
  ]);
  return make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
    make(
      "tbody",
      {},
      ...rows.map(([first, ...rest]) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, first),
          ...rest.map((text) => make("td", {}, text)),
        ),
      ),
    ),
  );
}

// Small parts that a page is put together from.

const ANSWERED = 2000; // milliseconds for which a button says what it did

/** An element with its properties and children; text always goes in as text, never as HTML. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function button(text, onclick) {
  return make("button", { type: "button", className: "pg-button", onclick }, text);
}

/** Set what a live region says; saying the same again is a change, too, or else it goes unheard. */
export function announce(element, text) {
  element.textContent = element.textContent === text ? `${text}\u00a0` : text;
}

function cell(text, heading = false) {
  return heading ? make("th", { scope: "row" }, text) : make("td", {}, text);
}

export function fillTable(table, caption, columns, rows) {
  const head = make("tr", {}, ...columns.map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map((row) => make("tr", {}, ...row.map((text, i) => cell(text, i === 0))));
  table.replaceChildren(
    make("caption", {}, caption),
    make("thead", {}, head),
    make("tbody", {}, ...body),
  );
}

/** Buttons that copy: `copies` lists [label, what it is, () => text]. */
export function createCopies(copies) {
  const field = make("textarea", {
    className: "pg-copy",
    readOnly: true,
    hidden: true,
    rows: 8,
    "aria-label": "Text to copy",
  });
  const spoken = make("span", { className: "pg-spoken", role: "status" });

  /** To the clipboard or, where that is not allowed, into a field from which the reader copies. */
  async function copy(target, label, what, text) {
    try {
      await navigator.clipboard.writeText(text);
      field.hidden = true;
      answer(target, label, "Copied");
      spoken.textContent = `${what} is in the clipboard.`;
    } catch {
      Object.assign(field, { value: text, hidden: false });
      field.focus();
      field.select();
      answer(target, label, "Copy it below");
      spoken.textContent = `${what} is in the field below: copy it from there.`;
    }
  }

  const buttons = copies.map(([label, what, text]) => {
    const target = button(label, () => copy(target, label, what, text()));
    return target;
  });
  const row = make("div", { className: "pg-buttons" }, ...buttons, spoken);
  return make("div", { className: "pg-copies" }, row, field);
}

/** Say it in the button itself, which keeps its width, and then the label again. */
function answer(target, label, text) {
  target.style.minWidth = `${target.offsetWidth}px`;
  target.textContent = text;
  clearTimeout(target.due);
  target.due = setTimeout(() => {
    target.textContent = label;
  }, ANSWERED);
}

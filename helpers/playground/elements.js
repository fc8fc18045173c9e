// Small parts that a page is put together from.

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

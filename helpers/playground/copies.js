// Buttons that copy a text, and the field from which to copy it where the clipboard is closed.
import { button, make } from "./elements.js";

const ANSWERED = 2000; // milliseconds for which a button says what it did

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

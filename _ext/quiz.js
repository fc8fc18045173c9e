// The self-checks of a page. A tick is remembered as long as the tab is open. A prediction is checked
// where the page gives the answers, a question at once; nothing opens by itself.
(() => {
  "use strict";

  const place = `quiz ${location.pathname}`;
  const ticks = remembered();

  function remembered() {
    try {
      return { ...JSON.parse(sessionStorage.getItem(place)) };
    } catch {
      return {}; // no storage, or not ours: the page itself remembers
    }
  }

  function remember() {
    try {
      sessionStorage.setItem(place, JSON.stringify(ticks));
    } catch {
      // as above
    }
  }

  /** The letter in bold with which an answer begins. */
  function letterOf(answer) {
    const bold = answer?.querySelector(":scope > strong, :scope > p:first-of-type > strong");
    return /^[a-z]/.exec(bold?.textContent.trim().toLowerCase() ?? "")?.[0] ?? null;
  }

  /** "b: dropout", as the option's own text has it. */
  function optionOf(input) {
    const text = input.closest("label").textContent.trim().replace(/\s+/g, " ");
    return text.replace(/^([a-z])[.)] /, "$1: ").replace(/[.?!]$/, "");
  }

  /** A paragraph that says what was ticked, and takes its place before it does. */
  function saying(after, live) {
    const element = document.createElement("p");
    element.className = "quiz-says";
    if (live) element.setAttribute("role", "status");
    after.append(element);
    return element;
  }

  function tell(element, mark, words) {
    element.dataset.mark = mark;
    element.textContent = words;
  }

  function linkTo(target, words) {
    const link = document.createElement("a");
    link.href = `#${target.id}`;
    link.textContent = words;
    return link;
  }

  /** A question: whether the tick is right stands below it at once. */
  function askQuestion(fieldset) {
    const next = fieldset.nextElementSibling;
    const right = next?.matches("details.answer") ? letterOf(next) : null;
    const said = saying(fieldset, true);
    return (input) => {
      if (!right) tell(said, "", `You ticked ${input.value}.`);
      else if (input.value === right) tell(said, "right", `${right} is right.`);
      else tell(said, "wrong", `${input.value} is not right. Tick again, or open the answer.`);
    };
  }

  /** A prediction: it is noted, and checked where the answers are. */
  function askPrediction(fieldset, item, box) {
    const noted = saying(fieldset, true);
    const right = letterOf(item);
    if (!right) return () => tell(noted, "", "Noted.");
    fieldset.id ||= fieldset.querySelector("input").name;
    box.id ||= "predictions-checked";
    const checked = saying(item, false);
    checked.append("You have not ticked an answer to ", linkTo(fieldset, "this question"), " yet.");
    return (input) => {
      tell(noted, "", "Noted: it is checked under ");
      noted.append(linkTo(box, "Your predictions, checked"), ".");
      const isRight = input.value === right;
      const words = `You ticked ${optionOf(input)}. That is ${isRight ? "right" : "not right"}.`;
      tell(checked, isRight ? "right" : "wrong", words);
    };
  }

  const box = document.querySelector("div.checked");
  const items = [...(box?.querySelectorAll(":scope > ol > li") ?? [])];
  for (const fieldset of document.querySelectorAll("fieldset.quiz")) {
    const name = fieldset.querySelector("input[type=radio]")?.name ?? "";
    const [, kind, number] = /^(prediction|question)-(\d+)$/.exec(name) ?? [];
    if (!kind) continue;
    const answer =
      kind === "question"
        ? askQuestion(fieldset)
        : askPrediction(fieldset, items[number - 1] ?? null, box);
    fieldset.addEventListener("change", ({ target }) => {
      ticks[name] = target.value;
      remember();
      answer(target);
    });
    const before = [...fieldset.querySelectorAll("input")].find(
      (input) => input.value === ticks[name],
    );
    const ticked = before ?? fieldset.querySelector("input:checked"); // a browser may restore it
    if (ticked) {
      ticked.checked = true;
      answer(ticked);
    }
  }
})();

// A diagnosis as Markdown, for an issue or a chat.

/** Text as Markdown shows it as it is: names from a log are text, never markup. */
function plain(text) {
  return String(text)
    .replace(/\s+/g, " ")
    .replace(/[\\`*[\]<>|#~]|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])/g, escaped)
    .replace(/@/g, "@\u2060"); // mentions nobody
}

const escaped = (marks) => marks.replace(/./g, "\\$&"); // not the underscore within val_loss

const list = (sentences) => sentences.map((each) => `- ${plain(each)}`);

function section(title, lines) {
  return lines.length ? ["", `### ${title}`, "", ...lines] : [];
}

function advice({ what, why, chapter, ...code }, framework) {
  const lines = code[framework]
    ? ["   ```python", ...code[framework].split("\n").map((each) => `   ${each}`), "   ```"]
    : [];
  return [
    `1. **${plain(what)}** ${plain(why)}${/^\d/.test(chapter) ? ` (chapter ${chapter})` : ""}`,
    ...lines,
  ];
}

const sure = ({ sentence, confidence }) => `${plain(sentence)} (${confidence} confidence)`;

/** The report of a diagnosis; `titleOf(verdict)` is its heading, `source` where the log is from. */
export function reportOf(diagnosis, { titleOf, source, framework, link }) {
  const [first, ...others] = diagnosis.verdicts;
  const evidence = [...new Set(diagnosis.verdicts.flatMap((each) => each.evidence))];
  const advices = diagnosis.try.flatMap((each) => advice(each, framework));
  const lines = [
    `## ${plain(titleOf(first.name))}`,
    "",
    sure(first),
    ...section(
      "Also",
      others.map((each) => `- ${sure(each)}`),
    ),
    ...section("Evidence", list(evidence)),
    ...section("What to try next", advices),
    ...section("What this cannot know", list(diagnosis.unknown)),
    ...section("What was read", list([`${source}.`, ...diagnosis.read.notes])),
  ];
  if (link) lines.push("", `By the rules of [Handling Overfitting in Deep Learning](${link}).`);
  return `${lines.join("\n")}\n`;
}

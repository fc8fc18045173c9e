// A diagnosis as Markdown, for an issue or a chat.

/** Text as Markdown shows it as it is: names from a log are text, never markup. */
function plain(text) {
  return String(text)
    .replace(/\s+/g, " ")
    .replace(/[\\`*[\]<>|#]/g, "\\$&")
    .replace(/@/g, "@\u2060"); // mentions nobody
}

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

/** The report of a diagnosis; `titleOf(verdict)` is its heading, `source` where the log is from. */
export function reportOf(diagnosis, { titleOf, source, framework, link }) {
  const { verdicts, unknown, read } = diagnosis;
  return [
    `## ${plain(titleOf(verdicts[0].name))}`,
    "",
    `${plain(verdicts[0].sentence)} (${plain(verdicts[0].confidence)} confidence)`,
    ...(verdicts.length > 1
      ? [
          "",
          ...verdicts
            .slice(1)
            .map(
              (each) => `- also: ${plain(each.sentence)} (${plain(each.confidence)} confidence)`,
            ),
        ]
      : []),
    ...section("Evidence", list(verdicts.flatMap(({ evidence }) => evidence))),
    ...section(
      "What to try next",
      diagnosis.try.flatMap((each) => advice(each, framework)),
    ),
    ...section("What this cannot know", list(unknown)),
    ...section("What was read", list([`${source}: ${read.format}.`, ...read.notes])),
    ...(link ? ["", `By the rules of [Handling Overfitting in Deep Learning](${link}).`] : []),
    "",
  ].join("\n");
}

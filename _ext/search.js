// The search page: the pages with the sections that fit best, by any of the words asked for.
// MiniSearch, Sphinx' stemmer and stop words, and the sections' words are scripts of their own.
(() => {
  "use strict";

  const { MiniSearch, Stemmer, searchRecords, stopwords } = window;
  const NAME = /(\d+(?:\.\d+)+|[\p{L}\p{N}]+(?:[_-][\p{L}\p{N}]+)*)/gu;
  const FIELDS = { page: 1, heading: 2, text: 1, code: 0.6 }; // what a hit in each counts
  const TITLES = "chapters/references.html"; // its words are those of other people's titles
  const MOST = 10; // pages shown
  const AROUND = 80; // pieces of text shown with a hit: words, and what is between them
  const START = "symptoms.html"; // where to begin if no page has the words
  // What others call it, by its stem, and the book's word.
  const MEANT = Object.entries({
    accuracy: ["acc"],
    imbalance: ["imbalanc"],
    jump: ["bounc", "fluctuat", "oscil", "spike"],
    leak: ["leakag"],
    point: ["exampl", "observ", "row", "sampl"],
    rate: ["lr"],
    rise: ["climb", "grow", "increas"],
    validation: ["val"],
  });
  // What a question is asked with: no page is about these.
  const ASKING = new Set(
    "can do does how i many much my should vs what when where which why you your".split(" "),
  );
  const stemmer = new Stemmer();

  /** The words of a text; of a name such as class_weight, trade-off or EarlyStopping the parts. */
  function cut(text) {
    return (text.match(NAME) ?? []).flatMap((name) => {
      const humps = name.replace(/(\p{Ll})(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, "$1$2-");
      const parts = humps.split(/[_-]/);
      return parts.length > 1 ? [parts.join(""), ...parts] : parts;
    });
  }

  /** The stem by which a word is found, null for a stop word; British spelling as American. */
  function stem(word) {
    const lower = word.toLowerCase();
    if (ASKING.has(lower) || stopwords.includes(lower)) return null;
    const found = stemmer.stemWord(lower.replace(/is(ations?|e[drs]?|ing)$/, "iz$1"));
    const [meant] = MEANT.find(([, others]) => others.includes(found)) ?? [found];
    return stemmer.stemWord(meant);
  }

  function stems(text) {
    return cut(text).map(stem).filter(Boolean);
  }

  function search(query) {
    const index = new MiniSearch({
      idField: "url",
      fields: Object.keys(FIELDS),
      storeFields: ["page", "heading", "text"],
      tokenize: cut,
      processTerm: stem,
    });
    index.addAll(searchRecords);
    return index.search(query, {
      boost: FIELDS,
      boostDocument: (url) => (url === TITLES ? 0.5 : 1),
      prefix: (term) => term.length > 3,
      fuzzy: (term) => term.length > 4 && 0.2, // edits for each letter
    });
  }

  /** The first section of each page. */
  function bestOfPages(hits) {
    const pages = hits.map((hit) => hit.id.replace(/#.*/, ""));
    return hits.filter((_, i) => pages.indexOf(pages[i]) === i);
  }

  /** The words of a query that no page has. */
  function missing(query, hits) {
    const known = new Set(hits.flatMap((hit) => hit.queryTerms));
    return query.split(/\s+/).filter((word) => {
      const wanted = stems(word);
      return wanted.length > 0 && !wanted.some((each) => known.has(each));
    });
  }

  /** Where in a list of stems, undefined for what was not asked for, most of them stand together. */
  function densest(found) {
    const together = (i) => new Set(found.slice(i, i + AROUND / 2).filter(Boolean)).size;
    const counts = found.map((each, i) => (each ? together(i) : 0));
    return Math.max(0, counts.indexOf(Math.max(...counts)) - AROUND / 4);
  }

  function element(name, text, attributes = {}) {
    return Object.assign(document.createElement(name), { textContent: text, ...attributes });
  }

  /** A piece of the section's text with the words asked for, marked. */
  function context(hit) {
    const asked = new Set(hit.terms);
    const pieces = hit.text.split(NAME);
    const found = pieces.map((piece) => stems(piece).find((each) => asked.has(each)));
    const start = densest(found);
    const end = start + AROUND;
    const paragraph = element("p", start > 0 ? "… " : "", { className: "context" });
    pieces.slice(start, end).forEach((piece, i) => {
      paragraph.append(found[start + i] ? element("mark", piece) : piece);
    });
    if (end < pieces.length) paragraph.append(" …");
    return paragraph;
  }

  function item(hit) {
    const title = hit.heading === hit.page ? hit.page : `${hit.page} › ${hit.heading}`;
    const listed = element("li", "");
    listed.append(element("a", title, { href: hit.id }), context(hit));
    return listed;
  }

  /** What to say of the results, in a paragraph. */
  function fill(paragraph, query, hits, count) {
    const unknown = missing(query, hits).map((word) => `“${word}”`);
    if (hits.length) {
      const lacking = unknown.length ? ` No page has ${unknown.join(" or ")}.` : "";
      paragraph.append(`${count} ${count === 1 ? "page" : "pages, the best first"}.${lacking}`);
    } else {
      const start = searchRecords.find(({ url }) => url === START);
      paragraph.append("No page has these words. Try others, or begin here: ");
      paragraph.append(element("a", start.page, { href: START }));
    }
  }

  function show(query) {
    const results = document.getElementById("search-results");
    const said = element("p", "", { className: "search-summary", role: "status" });
    const list = element("ul", "", { className: "search" });
    results.append(said, list); // before it speaks, or no screen reader listens
    const hits = search(query);
    const pages = bestOfPages(hits).slice(0, MOST);
    fill(said, query, hits, pages.length);
    list.append(...pages.map(item));
  }

  const query = new URLSearchParams(location.search).get("q")?.trim();
  if (query) {
    for (const input of document.querySelectorAll('input[name="q"]')) input.value = query;
    show(query);
  }
})();

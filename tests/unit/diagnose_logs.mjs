// Diagnoses histories given as JSON on standard input: each { text } of a log, or the { history }
// that Python read, with its numbers as strings, and { nVal }; writes the diagnoses.
// node diagnose_logs.mjs FOLDER < cases.json
import path from "node:path";
import process from "node:process";
import { text as allOf } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const moduleOf = (name) => import(pathToFileURL(path.join(process.argv[2], name)));
const { read } = await moduleOf("reading.js");
const { diagnose } = await moduleOf("verdicts.js");

function curve({ x, y }) {
  return { x: Float64Array.from(x, Number), y: Float64Array.from(y, Number) };
}

function revived(history) {
  return Object.fromEntries(
    Object.entries(history).map(([name, value]) => [name, value?.x ? curve(value) : value]),
  );
}

function answer({ text, history, nVal }) {
  try {
    return diagnose(text === undefined ? revived(history) : read(text), { nVal });
  } catch (error) {
    return { error: error.message };
  }
}

const cases = JSON.parse(await allOf(process.stdin));
process.stdout.write(JSON.stringify(cases.map(answer)));

// Reads the logs of a JSON file with reading.js: node read_logs.mjs reading.js logs.json; writes the
// histories, or the errors.
import fs from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";

const { readFiles } = await import(pathToFileURL(process.argv[2]));

function numbers(curve) {
  return curve && { x: Array.from(curve.x, String), y: Array.from(curve.y, String) };
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function answer({ files, names, higherIsBetter }) {
  const decoded = files.map(({ name, base64 }) => ({ name, text: bytes(base64) }));
  try {
    const history = readFiles(decoded, { names, higherIsBetter });
    const roles = ["train_loss", "val_loss", "train_score", "val_score", "learning_rate"];
    return {
      ...history,
      ...Object.fromEntries(roles.map((role) => [role, numbers(history[role])])),
    };
  } catch (error) {
    return { error: error.message };
  }
}

const cases = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
process.stdout.write(JSON.stringify(cases.map(answer)));

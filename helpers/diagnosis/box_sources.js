// Where a log comes from: files that are dropped or chosen, and text that is pasted.

const MOST_BYTES = 300e6; // a browser's longest text is not much longer

async function bytesOf(file) {
  if (file.size > MOST_BYTES) {
    const size = Math.round(file.size / 1e6).toLocaleString("en-US");
    throw new Error(
      `${file.name} has ${size} MB; up to ${MOST_BYTES / 1e6} MB can be read here. ` +
        "Cut it to one line an epoch.",
    );
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name} cannot be read. If it is a folder, drop the log inside it.`);
  }
}

/** The names and contents of files, in the order of their names: what `readFiles` takes. */
export async function contentsOf(files) {
  const read = async (file) => ({ name: file.name, text: await bytesOf(file) });
  const contents = await Promise.all([...files].map(read));
  return contents.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const hasFiles = (transfer) => [...(transfer?.types ?? [])].includes("Files");

/**
 * Take what is dropped on an element or pasted into it, but for text that goes into a field.
 * A file that misses the element does not replace the page.
 */
export function takeDrops(element, { onFiles, onText }) {
  let inside = 0; // how many nested elements the pointer has entered
  const light = (on) => element.classList.toggle("dg-over", on);
  const wanted = ({ dataTransfer, target }) =>
    hasFiles(dataTransfer) || !target.closest?.("textarea, input");

  element.addEventListener("dragenter", (event) => {
    inside += 1;
    if (wanted(event)) light(true);
  });
  element.addEventListener("dragleave", () => {
    inside = Math.max(0, inside - 1);
    if (!inside) light(false);
  });
  element.addEventListener("dragover", (event) => {
    if (!wanted(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  element.addEventListener("drop", (event) => {
    inside = 0;
    light(false);
    if (!wanted(event)) return;
    event.preventDefault();
    take(event.dataTransfer);
  });
  for (const type of ["dragover", "drop"]) window.addEventListener(type, missed);
  element.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length && event.target.closest("textarea, input")) return;
    event.preventDefault();
    take(event.clipboardData);
  });

  function take(transfer) {
    if (transfer.files.length) onFiles([...transfer.files]);
    else onText(transfer.getData("text/plain"));
  }

  function missed(event) {
    if (event.defaultPrevented || !hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  }
}

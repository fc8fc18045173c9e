"use strict";

// A figure opens large: by its button, which has the keyboard's focus, or by a click on the
// picture. On a telephone it is the wide drawing, to be moved and pinched.
(() => {
  const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";
  const CROSS = "M3 3l10 10M13 3L3 13";

  function icon(path) {
    const [svg, line] = ["svg", "path"].map((name) =>
      document.createElementNS("http://www.w3.org/2000/svg", name),
    );
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  function button(className, label, path) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.title = label; // its name, too
    made.append(icon(path));
    return made;
  }

  function open(chart) {
    const shown = [...chart.querySelectorAll("img")].find((image) => image.getClientRects().length);
    const dialog = document.createElement("dialog");
    dialog.className = "chart-large";
    dialog.ariaLabel = "The figure, enlarged";
    const close = button("chart-close", "Close", CROSS);
    const picture = document.createElement("img");
    picture.alt = shown.alt;
    picture.className = shown.className; // the scheme's, so that the theme leaves it alone
    if (matchMedia("(max-width: 640px)").matches) {
      [picture.width, picture.height] = [shown.naturalWidth, shown.naturalHeight];
      picture.src = shown.currentSrc; // the one for a telephone
    } else {
      for (const side of ["width", "height"]) picture[side] = Number(shown.getAttribute(side));
      picture.src = shown.getAttribute("src");
    }
    picture.style.setProperty("--ratio", picture.width / picture.height);
    const room = document.createElement("div");
    room.className = "chart-room";
    room.tabIndex = 0;
    room.role = "group";
    room.ariaLabel = "Picture";
    room.append(picture);
    dialog.append(close, room);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      chart.querySelector(".chart-open").focus({ preventScroll: true });
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  for (const chart of document.querySelectorAll(".chart")) {
    const opener = button("chart-open", "Enlarge the figure", CORNERS);
    opener.setAttribute("aria-haspopup", "dialog");
    opener.addEventListener("click", () => open(chart));
    for (const image of chart.querySelectorAll("img")) {
      image.addEventListener("click", () => open(chart));
    }
    chart.append(opener);
  }

  // What was not in view yet is on paper.
  addEventListener("beforeprint", () => {
    for (const image of document.querySelectorAll(".chart .only-light")) image.loading = "eager";
  });
})();

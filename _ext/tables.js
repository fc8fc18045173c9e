"use strict";

// A table that is wider than its place shows at which edge there is more, and takes the keyboard's
// focus, so that the arrow keys move it; one that fits is no stop on the way of Tab.
(() => {
  function look(room) {
    const most = room.scrollWidth - room.clientWidth;
    const more = [room.scrollLeft > 1 && "start", room.scrollLeft < most - 1 && "end"];
    room.parentElement.dataset.more = most > 1 ? more.filter(Boolean).join(" ") : "";
    if (most > 1) {
      room.tabIndex = 0;
      room.role = "group";
      room.ariaLabel = "Table that scrolls sideways";
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) room.removeAttribute(name);
    }
  }

  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) look(target.closest(".table-scroll"));
  });
  for (const room of document.querySelectorAll(".table-scroll")) {
    room.addEventListener("scroll", () => look(room), { passive: true });
    observer.observe(room);
    observer.observe(room.firstElementChild);
  }
})();

"use strict";

// The theme makes code that scrolls a stop of Tab, when a page is loaded and when the window changes.
// What lies in a fold begins to scroll when that is opened.
document.addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);

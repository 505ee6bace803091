"use strict";

// Arrow keys inside a table of cells: one stop for the Tab key, not two thousand.
for (const table of document.querySelectorAll("[data-roving]")) {
  const links = () => [...table.querySelectorAll("td a")];
  const all = links();
  all.forEach((link, at) => { link.tabIndex = at ? -1 : 0; });
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, 0], End: [0, 0] }[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const rows = table.tBodies[0].rows;
    if (event.key === "Home" || event.key === "End") {
      const inRow = [...cell.parentElement.querySelectorAll("a")];
      inRow.at(event.key === "Home" ? 0 : -1).focus();
      return;
    }
    let row = cell.parentElement.sectionRowIndex, column = cell.cellIndex;
    for (;;) {
      row += step[0];
      column += step[1];
      const next = rows[row] && rows[row].cells[column];
      if (!next) return;
      const link = next.querySelector("a");
      if (link) {
        all.forEach((one) => { one.tabIndex = -1; });
        link.tabIndex = 0;
        link.focus();
        return;
      }
    }
  });
}

for (const table of document.querySelectorAll("[data-newest]")) {
  table.parentElement.scrollLeft = table.parentElement.scrollWidth;
}

// The slash goes to the search field, as on many sites.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const field = document.querySelector('[data-key="/"]');
  if (field) { event.preventDefault(); field.focus(); }
});

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).innerText);
    button.textContent = "Copied";
  });
}

// A replayed page that goes on elsewhere says where to (explorer/replay.py); whatever it says, no more can come
// of it than another page of the archive, with what is known of it above.
const frame = document.getElementById("replayed");
if (frame) {
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || typeof event.data?.goes !== "string") return;
    const to = new URL(event.data.goes, location.href);
    if (to.origin === location.origin && to.pathname.startsWith(frame.dataset.around)) location.assign(to);
  });
}

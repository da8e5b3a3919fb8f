// Copyright (c) 2026, hybrid.connectors contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

document.addEventListener("DOMContentLoaded", () => {
  // On a narrow screen, site.css shows each row of a table as a block, with the column headings before the cells.
  for (const table of document.querySelectorAll("article table.docutils:not(.ansible-option-table)")) {
    const headings = Array.from(table.querySelectorAll("thead th"), (cell) => cell.textContent.trim());
    if (headings.length > 2) {
      for (const cell of table.querySelectorAll("tbody td")) {
        cell.dataset.heading = headings[cell.cellIndex];
      }
    }
  }

  // A line can break after a dot or an underscore in the full name of a module.
  const title = document.querySelector("h1")?.firstChild;
  if (title?.nodeType === Node.TEXT_NODE) {
    const parts = title.textContent.split(/(?<=[._])/);
    title.replaceWith(...parts.flatMap((part) => [part, document.createElement("wbr")]));
  }
});

"use strict";
// Sorts and filters the tables of a class. Without it every row is there, in the order of the roster.

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function keyOf(row, column) {
  const cell = row.cells[column];
  if (cell.dataset.value === undefined) return cell.textContent.trim();
  return cell.dataset.value === "" ? null : Number(cell.dataset.value);
}

// What has no value stands last whichever way the rest is sorted.
function compare(one, other, direction) {
  const [a, b] = [one.key, other.key];
  if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
  const by = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
  return direction * by || one.place - other.place;
}

function sort(table, heading, places) {
  const falls = heading.getAttribute("aria-sort");
  const first = heading.classList.contains("number") ? "descending" : "ascending";
  const next = falls === "none" ? first : falls === "ascending" ? "descending" : "ascending";
  for (const each of heading.parentElement.children) if (each.hasAttribute("aria-sort")) each.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", next);
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => ({ row, key: keyOf(row, heading.cellIndex), place: places.get(row) }));
  rows.sort((one, other) => compare(one, other, next === "ascending" ? 1 : -1));
  const sorted = document.createDocumentFragment();
  for (const each of rows) sorted.append(each.row);
  body.append(sorted);
}

function makeSortable(table) {
  const places = new Map(Array.from(table.tBodies[0].rows, (row, place) => [row, place]));
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, heading, places));
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
  }
}

function makeFilterable(table, controls) {
  const [text, kind, status] = ["filter-text", "filter-kind", "filter-status"].map((id) => document.getElementById(id));
  const plain = (words) => words.normalize("NFKC").toLowerCase();
  const rows = Array.from(table.tBodies[0].rows, (row) => ({
    row,
    words: plain(row.textContent),
    marks: row.dataset.marks.split(" "),
  }));
  function filter() {
    const wanted = plain(text.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, words, marks } of rows) {
      const fits = wanted.every((word) => words.includes(word)) && (kind.value === "" || marks.includes(kind.value));
      row.hidden = !fits;
      shown += fits;
    }
    const counts = { shown: shown.toLocaleString("en"), all: rows.length.toLocaleString("en") };
    status.textContent = status.dataset.said.replace(/\{(shown|all)\}/g, (_, name) => counts[name]);
  }
  text.addEventListener("input", filter);
  kind.addEventListener("change", filter);
  controls.hidden = false;
  filter();
}

for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
makeFilterable(document.getElementById("students"), document.getElementById("controls"));

// Builds elements. Text is set as text only: nothing here reads markup from data.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const h = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);
export const svg = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

export function show(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

export function say(text) {
  const status = document.getElementById("status");
  status.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { status.textContent = ""; }, 6000);
}

// Rows are arrays of cells; a cell is a node, a text or a number. `columns` are titles; a title that starts with # is of numbers.
export function table(caption, columns, rows, empty = "Nothing yet.") {
  if (!rows.length) return h("p", { class: "dim" }, empty);
  const titles = columns.map((title) => title.replace(/^#/, ""));
  const kind = (index) => (columns[index].startsWith("#") ? "num" : null);
  return h("div", { class: "scroll" }, h("table", { class: "stack" },
    h("caption", { class: "skip" }, caption),
    h("thead", {}, h("tr", {}, titles.map((title, index) => h("th", { scope: "col", class: kind(index) }, title)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, index) =>
      h("td", { class: kind(index), "data-title": titles[index] }, cell === null || cell === undefined ? "–" : cell)))))));
}

export const field = (title, control, extra) => h("label", extra || {}, title, control);

export function select(options, value, change) {
  const element = h("select", { onchange: () => change(element.value) },
    options.map(([key, title]) => h("option", { value: key, selected: key === value }, title)));
  return element;
}

export const badge = (outcome) => h("span", { class: `badge ${/^[a-z_]+$/.test(outcome) ? outcome : ""}` }, outcome);

export const money = (usd) => {
  if (usd === null || usd === undefined) return "unknown";
  const size = Math.abs(usd);
  const digits = size >= 100 ? 0 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
  return `${usd < 0 ? "−" : ""}$${size.toFixed(size === 0 ? 2 : digits)}`;
};
export const percent = (share) => (share === null || share === undefined || Number.isNaN(share) ? "–" : `${(100 * share).toFixed(1)} %`);
// A share as counts where they are few: "100 %" of one says nothing.
export const FEW = 20;
export const rate = (share, count, all) => (all < FEW ? `${count} of ${all}` : percent(share));
export const ms = (value) => (value === null || value === undefined ? "–" : value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 2 : 0)} ms`);
export const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hourCycle: "h23" });
// A day of the series begins at midnight UTC, which is the day before in America.
export const day = (at) => new Date(at * 1000).toLocaleDateString([], { timeZone: "UTC" });
export const moment = (at) => (at === null || at === undefined ? "–" : new Date(at * 1000).toLocaleString());

// Marks the words of `text` that are no part of the longest common sequence of words with `other`.
export function marked(text, other) {
  const words = text.match(/\s+|[^\s]+/g) || [], others = (other.match(/[^\s]+/g) || []).slice(0, 400);
  const own = words.filter((word) => word.trim()).slice(0, 400);
  const same = common(own.map(fold), others.map(fold));
  let index = -1;
  return words.map((word) => {
    if (!word.trim()) return word;
    index += 1;
    return index >= own.length || same.has(index) ? word : h("mark", {}, word);
  });
}

const fold = (word) => word.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || word;

function common(left, right) {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1)
    for (let j = right.length - 1; j >= 0; j -= 1)
      lengths[i][j] = left[i] === right[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const same = new Set();
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (left[i] === right[j]) { same.add(i); i += 1; j += 1; }
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i += 1;
    else j += 1;
  }
  return same;
}

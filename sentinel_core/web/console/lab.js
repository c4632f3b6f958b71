// Quality lab: labelled pairs of prompts, or a log of prompts, against this server's gate; its curve beside plain cosine.

import { ApiError, call } from "./api.js";
import { field, h, percent, select, show, svg, table } from "./dom.js";
import { askingKey, tenantKeyField } from "./matching.js";

const MOST = 500, AT_ONCE = 4;
const YES = /^(1|true|yes|same|equal|duplicate|paraphrase|y)$/i, NO = /^(0|false|no|different|distinct|n)$/i;
const EXAMPLE = "How do I reset my password?\tWhat is the way to reset my password?\tsame\nHow do I reset my password?\tHow do I change my e-mail address?\tdifferent";

export async function lab(body, tools) {
  let kind = "pairs";
  const text = h("textarea", { id: "lab", spellcheck: "false", rows: 8, placeholder: EXAMPLE });
  const file = h("input", { type: "file", accept: ".csv,.tsv,.txt,.jsonl,.json", onchange: async () => { if (file.files[0]) text.value = await file.files[0].text(); } });
  const progress = h("p", { class: "dim", "aria-live": "polite" }), result = h("div", {});
  const run = async () => {
    const pairs = kind === "pairs" ? readPairs(text.value) : pairsOfLog(text.value);
    if (!pairs.length) throw new ApiError(0, kind === "pairs" ? "No pair found: a line is first prompt, second prompt, same or different." : "No two prompts found: a line is one prompt.");
    show(result);
    const judged = await compared(pairs.slice(0, MOST), (done, all) => { progress.textContent = `${done} of ${all} pairs compared`; }, tools.isHere);
    progress.textContent = `${judged.length} pairs compared${pairs.length > MOST ? `; the first ${MOST} of ${pairs.length}. sentinel evaluate takes them all` : ""}.`;
    if (tools.isHere()) show(result, kind === "pairs" ? drawn(judged) : grouped(judged));
  };
  show(body, h("form", { onsubmit: (event) => { event.preventDefault(); tools.guarded(run); } },
    h("p", { class: "dim" }, "Does the cache suit your traffic? Give pairs that you know to be the same or different, or a log of prompts. Nothing is stored, and no model is asked."),
    h("div", { class: "row" }, tenantKeyField(), field("What", select([["pairs", "labelled pairs: first, second, same or different"], ["log", "a log: one prompt a line"]], kind, (value) => { kind = value; text.placeholder = kind === "pairs" ? EXAMPLE : "How do I reset my password?\nreset password how?"; })),
      field("A file (CSV, tab-separated or JSON Lines)", file)),
    field("Or as text", text, { class: "wide block" }), h("p", {}, h("button", { class: "main" }, "Compare"))), progress, result);
}

// A line is a JSON object, or cells with tabs or commas between; a line that names columns is left out.
function readPairs(text) {
  return text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean).map(readPair).filter(Boolean);
}

function readPair(line) {
  let cells = null;
  if (line.startsWith("{")) {
    try {
      const row = JSON.parse(line), first = row.first ?? row.prompt ?? row.question1 ?? row.asked ?? row.a, second = row.second ?? row.other ?? row.question2 ?? row.stored ?? row.b;
      cells = [first, second, String(row.same ?? row.label ?? row.is_duplicate ?? row.equivalent ?? "")];
    } catch { return null; }
  } else cells = line.includes("\t") ? line.split("\t") : cellsOf(line);
  const label = String(cells[2] ?? "").trim();
  if (typeof cells[0] !== "string" || typeof cells[1] !== "string" || !(YES.test(label) || NO.test(label))) return null;
  return { first: cells[0].trim(), second: cells[1].trim(), isSame: YES.test(label) };
}

const cellsOf = (line) => [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)].map(([, quoted, plain]) => (quoted === undefined ? plain : quoted.replaceAll('""', '"'))).slice(0, 3);

// Each prompt of a log beside the earlier ones that share the most words with it.
function pairsOfLog(text) {
  const prompts = [...new Set(text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean).map(promptOf))].slice(0, 2000), words = prompts.map((prompt) => new Set(prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) || []));
  const pairs = [];
  prompts.forEach((second, index) => {
    let best = -1, most = 0.3;
    for (let other = 0; other < index; other += 1) {
      let shared = 0;
      words[index].forEach((word) => { if (words[other].has(word)) shared += 1; });
      const share = shared / (words[index].size + words[other].size - shared || 1);
      if (share > most) { most = share; best = other; }
    }
    if (best >= 0) pairs.push({ first: prompts[best], second, isSame: null });
  });
  return pairs;
}

function promptOf(line) {
  if (!line.startsWith("{")) return line;
  try {
    const row = JSON.parse(line), messages = row.messages || (row.body && row.body.messages) || [], last = messages[messages.length - 1] || {};
    return String(row.prompt ?? row.input ?? last.content ?? line);
  } catch { return line; }
}

async function compared(pairs, tell, isHere) {
  const judged = [], key = askingKey();
  let next = 0;
  const work = async () => {
    while (next < pairs.length && isHere()) {
      const pair = pairs[next];
      next += 1;
      const found = await call("POST", "/v1/cache/compare", { first: pair.first, second: pair.second }, key);
      const similarity = found.similarity ?? 0, passed = Boolean(found.verdict && found.verdict.passed);
      judged.push({ ...pair, similarity, threshold: found.threshold, passed, served: passed && similarity >= found.threshold, rule: found.verdict ? found.verdict.rule : found.not_compared, confidence: found.verdict ? found.verdict.confidence : null });
      tell(judged.length, pairs.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return judged;
}

function drawn(judged) {
  const same = judged.filter((each) => each.isSame), other = judged.filter((each) => !each.isSame);
  const served = same.filter((each) => each.served).length, wrong = other.filter((each) => each.served).length;
  const cosine = curve(judged, same.length, other.length, () => true), ours = curve(judged, same.length, other.length, (each) => each.passed);
  const alike = bestWithin(cosine, wrong / (other.length || 1));
  return [
    h("div", { class: "cards" },
      card("Same pairs served", percent(same.length ? served / same.length : null), `${served} of ${same.length}`),
      card("Different pairs served", percent(other.length ? wrong / other.length : null), `${wrong} of ${other.length}: these would be wrong answers`),
      card("Plain cosine, equally careful", percent(same.length ? alike.hits : null), `at the threshold ${alike.threshold.toFixed(3)}, with as few wrong answers`)),
    h("h2", {}, "Every threshold, beside plain cosine"), chart(ours, cosine, { x: wrong / (other.length || 1), y: served / (same.length || 1) }),
    h("p", { class: "legend" }, [["exact", "with Sentinel's gate"], ["miss", "cosine alone"]].map(([name, title]) => h("span", {}, svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("rect", { class: `f-${name}`, width: 12, height: 12 })), ` ${title}`))),
    h("h2", {}, "Pairs that went wrong"),
    table("Pairs that went wrong", ["What", "First", "Second", "#Similarity", "Rule"], judged.filter((each) => each.served !== each.isSame).sort((a, b) => Number(b.served) - Number(a.served)).slice(0, 100).map((each) => [
      h("span", { class: each.served ? "bad" : null }, each.served ? "served, but different" : "same, but not served"), h("span", { class: "text" }, each.first), h("span", { class: "text" }, each.second), each.similarity.toFixed(3),
      each.served ? null : each.rule || "below the threshold"]), "None: all pairs are as labelled."),
  ];
}

function grouped(judged) {
  const served = judged.filter((each) => each.served);
  return [h("h2", {}, `${served.length} of ${judged.length} near pairs would be hits`),
    h("p", { class: "dim" }, "Look through them: is each second prompt answered well by the first one's answer? sentinel estimate says what a log would save."),
    table("Near pairs", ["Would be", "First", "Second", "#Similarity", "Rule"], [...judged].sort((a, b) => Number(b.served) - Number(a.served) || a.confidence - b.confidence).slice(0, 200).map((each) => [
      each.served ? "a hit" : "a miss", h("span", { class: "text" }, each.first), h("span", { class: "text" }, each.second), each.similarity.toFixed(3), each.served ? null : each.rule || "below the threshold"]))];
}

const card = (title, big, small) => h("section", { class: "card" }, h("h2", {}, title), h("p", { class: "big" }, big), h("p", { class: "dim" }, small));

// Shares of same and of different pairs that each threshold serves.
function curve(judged, same, other, passes) {
  const held = judged.filter(passes).sort((a, b) => b.similarity - a.similarity), points = [{ x: 0, y: 0, hits: 0, wrong: 0, threshold: 1 }];
  let hits = 0, wrong = 0;
  held.forEach((each, index) => {
    if (each.isSame) hits += 1; else wrong += 1;
    if (index + 1 < held.length && held[index + 1].similarity === each.similarity) return;
    points.push({ x: wrong / (other || 1), y: hits / (same || 1), hits: hits / (same || 1), threshold: each.similarity });
  });
  return points;
}

const bestWithin = (points, most) => points.filter((point) => point.x <= most + 1e-9).reduce((best, point) => (point.hits > best.hits ? point : best));

function chart(ours, cosine, now) {
  const size = 320, left = 40, bottom = 34, place = (point) => [left + point.x * (size - left - 8), (1 - point.y) * (size - bottom - 8) + 8];
  const line = (points, name) => svg("polyline", { class: `l-${name}`, points: points.map((point) => place(point).join(",")).join(" ") });
  const [x, y] = place(now);
  return svg("svg", { viewBox: `0 0 ${size} ${size}`, class: "square", role: "img", "aria-label": `Share of same pairs served against share of different pairs served; Sentinel serves ${percent(now.y)} and ${percent(now.x)}` },
    svg("path", { class: "axis", d: `M${left} 8 V${size - bottom} H${size - 8}` }), line(cosine, "miss"), line(ours, "exact"), svg("circle", { class: "f-exact", cx: x, cy: y, r: 5 }),
    svg("text", { x: left - 4, y: 14, "text-anchor": "end" }, "100 %"), svg("text", { x: left - 4, y: size - bottom, "text-anchor": "end" }, "0"),
    svg("text", { x: left, y: size - 16 }, "0"), svg("text", { x: size - 8, y: size - 16, "text-anchor": "end" }, "100 %"),
    svg("text", { x: size / 2, y: size - 3, "text-anchor": "middle" }, "different pairs served"), svg("text", { x: 12, y: size / 2, transform: `rotate(-90 12 ${size / 2})`, "text-anchor": "middle" }, "same pairs served"));
}

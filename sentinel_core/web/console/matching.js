// Why not: two prompts compared rule by rule, two requests part by part. What could hit: near misses by rule.

import { ApiError, call, get, isOperator, needsTenant, seen, session } from "./api.js";
import { field, h, marked, moment, percent, select, show, table } from "./dom.js";

// Routes that answer prompts take no admin key: an operator gives a tenant's key, kept in memory as the other.
export function tenantKeyField(draw) {
  if (!session.key || !isOperator()) return null;
  const input = h("input", { type: "password", autocomplete: "off", value: session.tenantKey || "", oninput: () => { session.tenantKey = input.value.trim() || null; } });
  return field("A tenant's key (the admin key answers no prompts)", input, { class: "wide" });
}

export const askingKey = () => (isOperator() && session.key ? session.tenantKey : session.key);

export async function whyNot(body, tools) {
  const first = h("textarea", { id: "first", spellcheck: "false" }), second = h("textarea", { id: "second", spellcheck: "false" });
  const result = h("div", { "aria-live": "polite" });
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); tools.guarded(() => compare(first.value, second.value, result)); } },
    h("p", { class: "dim" }, "Two prompts, or two whole request bodies as JSON (as for /v1/query or /v1/chat/completions). No model is asked."),
    h("div", { class: "row" }, tenantKeyField()),
    h("div", { class: "pair" }, field("First", first), field("Second", second)),
    h("p", {}, h("button", { class: "main" }, "Compare")));
  show(body, form, result);
}

function parsed(text) {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{")) return { query: { prompt: text } };
  let body;
  try { body = JSON.parse(trimmed); } catch { throw new ApiError(0, "That is no JSON: a body begins with { and a prompt does not."); }
  return body.messages ? { chat: body } : { query: body };
}

const promptOf = (asked) => {
  if (asked.query) return asked.query.prompt || "";
  const messages = asked.chat.messages || [], last = messages[messages.length - 1] || {};
  return typeof last.content === "string" ? last.content : (last.content || []).map((part) => part.text || "").join("");
};

async function compare(one, other, result) {
  const key = askingKey(), both = [parsed(one), parsed(other)];
  const [left, right] = await Promise.all(both.map((asked) => call("POST", "/v1/cache/explain", asked, key)));
  const prompts = both.map(promptOf);
  const pair = await call("POST", "/v1/cache/compare", { first: prompts[0], second: prompts[1] }, key);
  const parts = [...new Set([...left.scope, ...right.scope].map((part) => part.name))].map((name) => {
    const [a, b] = [left, right].map((side) => side.scope.find((part) => part.name === name));
    return [name, shownPart(a), shownPart(b), a && b && a.sha256 === b.sha256 ? "equal" : h("strong", { class: "bad" }, "differs")];
  });
  const isSameScope = left.fingerprint === right.fingerprint, isNear = pair.similarity !== null && pair.similarity >= pair.threshold;
  const passes = isSameScope && (prompts[0] === prompts[1] || (isNear && pair.verdict && pair.verdict.passed));
  show(result,
    h("h2", {}, passes ? "They would share an answer" : "They would not share an answer"),
    h("ul", {},
      h("li", {}, `Scope: ${isSameScope ? "equal" : "differs, so nothing is compared"}`),
      h("li", {}, pair.similarity === null ? `Similarity: not compared (${pair.not_compared})` : `Similarity: ${pair.similarity.toFixed(4)}, ${isNear ? "reaches" : "below"} the threshold ${pair.threshold}`),
      pair.verdict && h("li", {}, `Gate: ${pair.verdict.passed ? "passes" : `refuses by ${pair.verdict.rule}`}, confidence ${percent(pair.verdict.confidence)}`),
      h("li", {}, `Second request now: ${right.outcome}${right.reason ? ` (${right.reason})` : ""}`)),
    h("div", { class: "pair" }, h("section", { class: "card" }, h("h2", {}, "First"), h("p", { class: "text" }, marked(prompts[0], prompts[1]))),
      h("section", { class: "card" }, h("h2", {}, "Second"), h("p", { class: "text" }, marked(prompts[1], prompts[0])))),
    h("h2", {}, "Gate, rule by rule"),
    pair.verdict && (pair.verdict.rule || pair.verdict.also.length)
      ? table("Rules that refuse", ["Rule", "First says", "Second says"], [
        ...(pair.verdict.rule ? [[pair.verdict.rule, pair.verdict.asked_span || "–", pair.verdict.stored_span || "–"]] : []),
        ...pair.verdict.also.map((rule) => [rule, "–", "–"])])
      : h("p", {}, "No rule refuses."),
    h("h2", {}, "Scope, part by part"), table("Scope", ["Part", "First", "Second", "Result"], parts));
}

function shownPart(part) {
  if (!part) return "absent";
  if (part.value === null || part.value === undefined) return h("code", {}, part.sha256.slice(0, 12));
  const text = JSON.stringify(part.value);
  return h("code", {}, text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

export async function nearMisses(body, tools) {
  if (needsTenant()) return show(body, h("p", {}, "Choose a tenant above: near misses are kept by tenant."));
  const scope = h("div", {}), content = h("div", {});
  show(body, h("h2", {}, "Parts of the scope that never repeat"), scope, h("h2", {}, "Near misses by rule"),
    h("p", { class: "dim" }, "The last misses that had a near answer, by the rule that turned it away. Loosening a rule would serve them; its risk is the gate's doubt of each."), content);
  await tools.every(10, async () => {
    const [{ near_misses: all }, variety] = await Promise.all([get(seen("near-misses", { limit: 100 })), get(seen("scope-variety", {}))]);
    if (!tools.isHere()) return;
    show(scope, varied(variety));
    if (content.contains(document.activeElement)) return;
    const groups = new Map();
    all.forEach((near) => groups.set(near.refused_by, [...(groups.get(near.refused_by) || []), near]));
    const sorted = [...groups].sort((a, b) => b[1].length - a[1].length);
    show(content, table("Near misses by rule", ["Rule", "#Would be hits", "#Share of near misses", "#Doubt, median", "#Similarity, median", "Examples"],
      sorted.map(([rule, held]) => [rule, held.length, percent(held.length / all.length),
        percent(median(held.filter((near) => near.confidence !== null).map((near) => 1 - near.confidence))), (median(held.map((near) => near.similarity)) || 0).toFixed(3),
        h("details", {}, h("summary", {}, `${Math.min(held.length, 20)} pairs`), held.slice(0, 20).map(example))]),
      "No near miss yet."));
  });
}

// Of a share near 1 nothing can hit, whatever the prompt is; the prompt itself differs in any healthy traffic.
function varied({ requests, parts, advice }) {
  const changing = parts.filter((part) => part.distinct > 1);
  return [
    advice ? h("p", { class: "card", id: "advice" }, h("strong", {}, advice))
      : h("p", { id: "advice" }, requests < 20 ? `Needs 20 requests; this instance has seen ${requests}.` : "No part of the scope keeps requests from hitting."),
    changing.length ? table("Parts of the scope", ["Part", "#Different values", "#Requests that differ", "Holds"],
      changing.map((part) => [h("code", {}, part.name), part.distinct, percent(part.share), part.holds.join(", ") || "–"])) : null,
  ];
}

const median = (values) => { const sorted = [...values].sort((a, b) => a - b); return sorted.length ? sorted[Math.floor(sorted.length / 2)] : null; };

const example = (near) => h("div", { class: "card" },
  h("p", {}, h("strong", {}, "Asked: "), h("span", { class: "text" }, marked(near.prompt, near.matched_prompt || ""))),
  h("p", {}, h("strong", {}, "Stored: "), h("span", { class: "text" }, near.matched_prompt === null ? "(gone)" : marked(near.matched_prompt, near.prompt))),
  h("p", { class: "dim" }, `${moment(near.at)} · similarity ${near.similarity.toFixed(3)} of ${near.threshold}${near.asked_span ? ` · “${near.asked_span}” against “${near.stored_span}”` : ""}`));

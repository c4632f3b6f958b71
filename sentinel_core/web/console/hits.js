// Served semantic hits to judge: one at a time, one key for each verdict.

import { call, get, isOperator, seen } from "./api.js";
import { badge, field, h, marked, money, moment, say, show } from "./dom.js";

const VERDICTS = [["r", "right", "Right"], ["m", "wrong_match", "Wrong match"], ["a", "wrong_answer", "Wrong answer"]];
const MEANING = {
  right: "The answer fits the prompt that was asked. It is counted.",
  wrong_match: "The two prompts want different answers: they never share one again.",
  wrong_answer: "The stored answer itself is wrong: it is deleted for every prompt.",
};

export async function hits(body, tools) {
  let queue = [], index = 0, words = "", keeps = true;
  const place = h("div", {}), search = h("input", { type: "search", oninput: () => { words = search.value.toLowerCase(); index = 0; draw(); } });
  const found = () => queue.filter((hit) => !words || [hit.prompt, hit.matched_prompt, hit.answer].some((text) => text.toLowerCase().includes(words)));
  const load = async () => {
    const page = await get(seen("hits", { unjudged: true, limit: 400 }));
    const known = new Set(queue.map((hit) => hit.id));
    const isFirst = !queue.length;
    keeps = page.keeps;
    queue = [...queue, ...page.hits.filter((hit) => !known.has(hit.id))];
    if (tools.isHere() && (isFirst || !place.hasChildNodes())) draw();
  };
  const judge = async (verdict) => {
    const hit = found()[index];
    if (!hit) return;
    const judged = await call("POST", `${isOperator() ? "/v1/admin" : "/v1/cache"}/hits/${hit.id}/verdict`, { verdict });
    queue = queue.filter((each) => each.id !== hit.id);
    say(judged.effect);
    draw();
  };
  const next = () => { const all = found(); index = all.length ? (index + 1) % all.length : 0; draw(); };
  const draw = () => {
    const all = found();
    if (index >= all.length) index = 0;
    show(place, all.length ? shown(all[index], index, all.length, judge, next, tools)
      : h("p", {}, keeps ? (words ? "No hit matches the filter." : "No hit is left to judge. New ones appear here as they are served.")
        : "This server keeps no served hits: it keeps no prompts (SENTINEL_SHOW_PROMPTS)."));
  };
  show(body, h("p", { class: "dim" }, "Each is a prompt that got another prompt's stored answer. Wrong ones stop being served at once."),
    h("div", { class: "row" }, field("Find by words", search, { class: "wide" })), place);
  tools.on(document, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const verdict = VERDICTS.find(([key]) => key === event.key.toLowerCase());
    if (verdict) tools.guarded(() => judge(verdict[1]));
    else if (event.key.toLowerCase() === "n") next();
  });
  await tools.every(4, load);
}

function shown(hit, index, count, judge, next, tools) {
  return h("article", { "aria-label": `Hit ${index + 1} of ${count}` },
    h("p", {}, badge("hit_semantic"), ` ${index + 1} of ${count} · ${moment(hit.at)} · similarity ${hit.similarity === null ? "–" : hit.similarity.toFixed(3)} · ${hit.model || "–"} · ${money(hit.saved_usd)} avoided${hit.tenant ? ` · tenant ${hit.tenant}` : ""}`),
    h("div", { class: "pair" },
      h("section", { class: "card" }, h("h2", {}, "Asked"), h("p", { class: "text", id: "asked" }, marked(hit.prompt, hit.matched_prompt))),
      h("section", { class: "card" }, h("h2", {}, "Matched to"), h("p", { class: "text", id: "matched" }, marked(hit.matched_prompt, hit.prompt)))),
    h("h2", {}, "Answer that was served"), h("div", { class: "card" }, h("p", { class: "text", id: "answer" }, hit.answer || "(empty)")),
    h("div", { class: "row", role: "group", "aria-label": "Verdict" },
      VERDICTS.map(([key, verdict, title]) => h("button", { type: "button", class: verdict === "right" ? "main" : null, "aria-keyshortcuts": key, title: MEANING[verdict],
        onclick: () => tools.guarded(() => judge(verdict)) }, `${title} `, h("kbd", {}, key.toUpperCase()))),
      h("button", { type: "button", "aria-keyshortcuts": "n", onclick: next }, "Next ", h("kbd", {}, "N"))),
    h("details", {}, h("summary", {}, "What the verdicts do"), h("ul", {}, VERDICTS.map(([, verdict, title]) => h("li", {}, h("strong", {}, title), `: ${MEANING[verdict]}`)))));
}

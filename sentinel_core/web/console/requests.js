// The latest requests, live, with a filter and a pause.

import { call, get, isOperator, seen } from "./api.js";
import { badge, clock, field, h, money, ms, say, select, show, table } from "./dom.js";

const MOST = 300;

export async function requests(body, tools) {
  let held = [], last = 0, isPaused = false, words = "", outcome = "", notes = null;
  const list = h("div", {}), state = h("p", { class: "dim" });
  const draw = () => {
    const wanted = held.filter((each) => (!outcome || each.outcome === outcome) && matches(each, words));
    state.textContent = `${wanted.length} of ${held.length} requests${isPaused ? ", paused" : ", live"}${notes ? `. ${notes}` : ""}`;
    show(list, table("Requests", ["Time", "Outcome", "Reason", "Prompt", "Model", "#Similarity", "#Time taken", "#Cost", "Details"], wanted.map((each) => row(each, tools)),
      held.length ? "No request matches the filter." : "No request yet. Send one from the playground."));
  };
  const load = async () => {
    if (isPaused) return;
    const page = await get(seen("requests", { after: last || "", limit: MOST }));
    if (!tools.isHere() || isPaused) return;
    notes = page.keeps_prompts ? null : "This server keeps no prompts (SENTINEL_SHOW_PROMPTS)";
    const isNew = page.requests.length > 0 || !held.length;
    last = page.last;
    held = [...page.requests, ...held].slice(0, MOST);
    if (isNew && !list.contains(document.activeElement)) draw();
  };
  const pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? "Go on" : "Pause";
    pause.setAttribute("aria-pressed", String(isPaused));
    draw();
  } }, "Pause");
  const filter = h("input", { type: "search", oninput: () => { words = filter.value.toLowerCase(); draw(); } });
  show(body, h("div", { class: "row" },
    field("Filter by prompt, model, tenant or reason", filter, { class: "wide" }),
    field("Outcome", select([["", "all"], ...["hit_exact", "hit_semantic", "stale", "miss", "bypass", "error", "rejected", "not_cached", "left", "crashed"].map((name) => [name, name])], "",
      (value) => { outcome = value; draw(); })), pause), state, list);
  await tools.every(2, load);
}

const matches = (each, words) => !words || [each.prompt, each.model, each.provider, each.tenant, each.reason, each.request_id, each.route]
  .some((text) => text && text.toLowerCase().includes(words));

async function remove(each) {
  const whose = isOperator() && each.tenant ? `?tenant=${encodeURIComponent(each.tenant)}` : "";
  const { changed } = await call("DELETE", `${isOperator() ? "/v1/admin" : "/v1/cache"}/entries/${each.entry_id}${whose}`);
  say(changed ? "Deleted: the next caller gets a new answer." : "It was gone before.");
}

const row = (each, tools) => [
  h("span", { class: "time" }, clock(each.at)), badge(each.outcome), each.reason, each.prompt === null ? null : h("span", { class: "text" }, each.prompt.slice(0, 160)), each.model,
  each.similarity === null ? null : each.similarity.toFixed(3), ms(each.latency_ms),
  each.saved_usd ? `${money(each.saved_usd)} avoided` : money(each.cost_usd),
  h("details", {}, h("summary", {}, "Stages"), h("p", {}, Object.entries(each.timings_ms).map(([name, value]) => `${name} ${ms(value)}`).join(", ") || "none"),
    h("p", { class: "dim" }, [each.route, `status ${each.status}`, each.tenant && `tenant ${each.tenant}`, each.key && `key ${each.key}`,
      `${each.prompt_tokens + each.completion_tokens} tokens`, each.request_id].filter(Boolean).join(" · ")),
    each.entry_id && each.reason !== "curated" ? h("button", { type: "button", onclick: () => tools.guarded(() => remove(each)) }, "Delete the stored answer") : null),
];

// Stored entries: searched by words or by meaning, shown and deleted. The prompts that are asked most.

import { call, get, isOperator, needsTenant, seen, session } from "./api.js";
import { field, h, money, moment, say, select, show, table } from "./dom.js";
import { editor, pinned } from "./pinned.js";

const choose = (body) => show(body, h("p", {}, "Choose a tenant above: answers are kept by tenant."));

export async function entries(body, tools) {
  if (needsTenant()) return choose(body);
  let way = "text", cursor = null, held = [];
  const words = h("input", { type: "search" }), list = h("div", {});
  const more = h("button", { type: "button", hidden: true, onclick: () => tools.guarded(load) }, "More");
  const load = async () => {
    const page = await fetched();
    held = [...held, ...page.entries];
    cursor = page.next_cursor;
    if (!tools.isHere()) return;
    more.hidden = !cursor;
    draw();
  };
  const fetched = async () => {
    if (!words.value.trim() || !isOperator()) {
      const page = await get(seen("entries", { limit: 50, cursor }));
      const text = words.value.trim().toLowerCase();
      return text ? { ...page, entries: page.entries.filter((each) => (each.prompt + each.response).toLowerCase().includes(text)) } : page;
    }
    return call("POST", "/v1/admin/entries/search", { [way]: words.value, limit: 50, ...(cursor ? { cursor } : {}), ...(session.tenant ? { tenant: session.tenant } : {}) });
  };
  const remove = async (entry) => {
    const { changed } = await call("DELETE", seen(`entries/${entry.id}`));
    held = held.filter((each) => each.id !== entry.id);
    say(changed ? "Deleted: the next caller gets a new answer." : "It was gone before.");
    draw();
  };
  const draw = () => show(list, table("Entries", ["Prompt", "Answer", "Model", "Tags", "Fresh until", "#Cost", ...(held.some((each) => each.similarity) ? ["#Similarity"] : []), "Action"],
    held.map((each) => [h("span", { class: "text" }, each.prompt.slice(0, 300)),
      h("details", {}, h("summary", {}, each.response.slice(0, 60) || "(empty)"), h("p", { class: "text" }, each.response)), each.model, each.tags.join(", ") || null,
      each.stale ? "stale" : moment(each.created + each.age_seconds + each.ttl_left_seconds), money(each.cost_usd),
      ...(held.some((other) => other.similarity) ? [each.similarity ? each.similarity.toFixed(3) : null] : []),
      h("span", { class: "row" },
        h("button", { type: "button", onclick: () => tools.guarded(() => remove(each)) }, "Delete"),
        h("button", { type: "button", onclick: () => edit(each) }, "Edit or pin"))]), "No entry found."));
  const form = h("div", {}), curated = h("div", {});
  const edit = (entry) => editor(form, tools, { questions: [entry.prompt], answer: entry.response, tags: entry.tags, model: entry.model }, () => pinned(curated, form, tools));
  const search = (event) => { event.preventDefault(); held = []; cursor = null; tools.guarded(load); };
  show(body, h("form", { class: "row", onsubmit: search },
    isOperator() && field("Search by", select([["text", "words"], ["like", "likeness"]], way, (value) => { way = value; })),
    field("Search", words, { class: "wide" }), h("button", { class: "main" }, "Search")), form, list, more, curated);
  await tools.guarded(load);
  await tools.guarded(() => pinned(curated, form, tools));
}

export async function top(body, tools) {
  if (needsTenant()) return choose(body);
  let by = "hits";
  const list = h("div", {});
  const load = async () => {
    const page = await get(seen("top", { by, limit: 50 }));
    if (tools.isHere()) show(list, table("Top prompts", ["#Place", "Prompt", "Model", "#Hits", "#Avoided"],
      page.entries.map((each, index) => [index + 1, each.prompt === null ? "(gone)" : h("span", { class: "text" }, each.prompt.slice(0, 300)), each.model, each.hits, money(each.saved_usd)]),
      "No hit today."));
  };
  show(body, h("div", { class: "row" }, field("Today, by", select([["hits", "hits"], ["saved_usd", "dollars avoided"]], by, (value) => { by = value; tools.guarded(load); }))), list);
  await tools.every(10, load);
}

// Pinned answers: what a person stands behind. They come before learned ones, and stay until they are unpinned.

import { call, isOperator, session } from "./api.js";
import { field, h, moment, say, show, table } from "./dom.js";

const path = (rest) => {
  const whose = isOperator() && session.tenant ? `tenant=${encodeURIComponent(session.tenant)}` : "";
  return `/v1/cache/${rest}${whose ? `${rest.includes("?") ? "&" : "?"}${whose}` : ""}`;
};

// Shows a form for one answer in `place`; `done` follows when it is pinned.
export function editor(place, tools, given, done) {
  const questions = h("textarea", { rows: 3, value: given.questions.join("\n"), required: true }), answer = h("textarea", { rows: 6, value: given.answer, required: true });
  const tags = h("input", { value: (given.tags || []).join(", ") });
  const onlyModel = h("input", { type: "checkbox" });
  if (given.id && given.model) onlyModel.checked = true;
  const close = () => show(place);
  const save = async () => {
    const entry = {
      ...(given.id ? { id: given.id } : {}), questions: questions.value.split("\n").map((line) => line.trim()).filter(Boolean), answer: answer.value,
      tags: tags.value.split(",").map((tag) => tag.trim()).filter(Boolean), model: onlyModel.checked ? given.model : null, system: given.system ?? null,
      ttl: given.ttl ?? null, valid_from: given.valid_from ?? null, valid_until: given.valid_until ?? null, approved_by: given.approved_by ?? null,
    };
    await call("PUT", path("entries"), { entries: [entry] });
    say("Pinned: this answer is given from now on.");
    close();
    await done();
  };
  show(place, h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); tools.guarded(save); } },
    h("h2", {}, given.id ? "Edit a pinned answer" : "Edit and pin"),
    h("p", { class: "dim" }, "A pinned answer is served to its questions, also in other words, until you unpin it. It comes before answers of models."),
    field("Questions, one a line", questions, { class: "wide block" }), field("Answer", answer, { class: "wide block" }),
    h("div", { class: "row" }, field("Tags, with commas between", tags), given.model && field(`Only for ${given.model}`, onlyModel, { class: "inline" })),
    h("p", { class: "row" }, h("button", { class: "main" }, "Pin"), h("button", { type: "button", onclick: close }, "Cancel"))));
  questions.focus();
}

// Shows the pinned answers in `place`, each with its actions.
export async function pinned(place, form, tools) {
  const { entries } = await call("GET", path("curated?limit=200"));
  if (!tools.isHere()) return;
  const again = () => pinned(place, form, tools);
  const unpin = async (each) => {
    await call("DELETE", path(`curated/${encodeURIComponent(each.id)}`));
    say("Unpinned: the next caller is answered as any other.");
    await again();
  };
  show(place, h("h2", {}, "Pinned answers"), table("Pinned answers", ["Questions", "Answer", "Tags", "Pinned", "Actions"], entries.map((each) => [
    h("span", { class: "text" }, each.questions.slice(0, 3).join("\n"), each.questions.length > 3 ? `\nand ${each.questions.length - 3} more` : ""),
    h("details", {}, h("summary", {}, each.answer.slice(0, 60)), h("p", { class: "text" }, each.answer)), each.tags.join(", ") || null,
    `${moment(each.created)}${each.approved_by ? ` by ${each.approved_by}` : ""}`,
    h("span", { class: "row" }, h("button", { type: "button", onclick: () => editor(form, tools, each, again) }, "Edit"), h("button", { type: "button", onclick: () => tools.guarded(() => unpin(each)) }, "Unpin"))]),
    "None. An entry above can be pinned; sentinel import takes whole lists."));
}

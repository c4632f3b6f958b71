// Sends requests as a client would, and shows the answer with the cache's headers.

import { raw } from "./api.js";
import { field, h, ms, say, select, show } from "./dom.js";
import { askingKey, tenantKeyField } from "./matching.js";

const HEADERS = ["cache-status", "age", "x-sentinel-similarity", "x-sentinel-entry", "server-timing", "x-request-id", "x-ratelimit-remaining-requests"];

export async function playground(body, tools) {
  let kind = "query";
  const prompt = h("textarea", { required: true, id: "prompt" }), system = h("input", {}), model = h("input", { placeholder: "default" });
  const control = select([["", "use the cache"], ["no-cache", "no-cache: ask the provider"], ["no-store", "no-store: keep nothing"], ["only-if-cached", "only-if-cached"]], "", () => null);
  const result = h("div", { "aria-live": "polite" });
  const send = h("button", { class: "main" }, "Send");
  const ask = async () => {
    const chat = kind !== "query";
    const request = chat
      ? { messages: [...(system.value ? [{ role: "system", content: system.value }] : []), { role: "user", content: prompt.value }], stream: kind === "stream" }
      : { prompt: prompt.value, ...(system.value ? { system: system.value } : {}) };
    if (model.value) request.model = model.value;
    const began = performance.now();
    const response = await raw("POST", chat ? "/v1/chat/completions" : "/v1/query",
      { body: request, headers: control.value ? { "cache-control": control.value } : {}, key: askingKey() });
    const answer = h("p", { class: "text", id: "reply" }), facts = h("dl", {}), source = h("pre", { class: "code" });
    show(result, h("h2", {}, `Answer, status ${response.status}`), h("div", { class: "card" }, answer), h("h2", {}, "Cache headers"), facts,
      h("details", {}, h("summary", {}, "The whole body"), source));
    show(facts, HEADERS.filter((name) => response.headers.get(name)).map((name) => [h("dt", {}, h("code", {}, name)), h("dd", {}, response.headers.get(name))]));
    if (kind === "stream" && response.ok) await streamed(response, answer, source);
    else {
      const content = await response.json().catch(() => null);
      source.textContent = JSON.stringify(content, null, 2);
      answer.textContent = !content ? "(no JSON)" : content.error ? content.error.message : chat ? content.choices[0].message.content : content.response;
    }
    say(`Status ${response.status} after ${ms(performance.now() - began)}`);
  };
  const form = h("form", { onsubmit: async (event) => {
    event.preventDefault();
    send.disabled = true;
    await tools.guarded(ask);
    send.disabled = false;
  } },
  h("div", { class: "row" }, field("Route", select([["query", "query"], ["chat", "chat"], ["stream", "chat, streamed"]], kind, (value) => { kind = value; })),
    field("Cache-Control", control), field("Model", model), field("System prompt", system, { class: "wide" }), tenantKeyField()),
  field("Prompt", prompt, { class: "wide" }), h("p", {}, send));
  show(body, form, result);
}

async function streamed(response, answer, source) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    source.append(value);
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      const chunk = JSON.parse(line.slice(6));
      answer.append((chunk.choices && chunk.choices[0] && chunk.choices[0].delta && chunk.choices[0].delta.content) || (chunk.error ? chunk.error.message : ""));
    }
  }
}

// The official `openai` package under Node.
import { failures, given, load, run } from "./node_cases.mjs";

const { base, good } = given();
const { default: OpenAI } = await load("openai");

const messages = [{ role: "user", content: "What is the capital of France?" }];
const tools = [{
  type: "function",
  function: {
    name: "weather",
    description: "The weather in a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
}];

const client = (options = {}) =>
  new OpenAI({ baseURL: `${base}/v1`, apiKey: good, maxRetries: 0, timeout: 20_000, ...options });
const ask = (name, params = {}, options = {}) =>
  client(options).chat.completions.create({ model: `case-${name}`, messages, ...params });

async function streamed(name, params = {}, options = {}) {
  const chunks = [];
  for await (const chunk of await ask(name, { stream: true, ...params }, options)) chunks.push(chunk);
  const deltas = chunks.flatMap((chunk) => chunk.choices).map((choice) => choice.delta);
  const calls = {};
  for (const call of deltas.flatMap((delta) => delta.tool_calls ?? [])) {
    calls[call.index] = (calls[call.index] ?? "")
      + (call.id ?? "") + (call.function.name ?? "") + (call.function.arguments ?? "");
  }
  return { chunks, text: deltas.map((delta) => delta.content ?? "").join(""), calls };
}

async function helped(name, params = {}) {
  const runner = client().chat.completions.stream({ model: `case-${name}`, messages, ...params });
  const kinds = new Set();
  runner.on("chunk", () => kinds.add("chunk")).on("content", () => kinds.add("content"));
  return { ...(await runner.finalChatCompletion()), kinds: [...kinds] };
}

await run({
  "plain": () => ask("plain"),
  "stream": () => streamed("stream"),
  "stream-usage": () => streamed("stream-usage", { stream_options: { include_usage: true } }),
  "stream-helper": () => helped("stream-helper"),
  "tools-stream": () => streamed("tools-stream", { tools }),
  "tools-helper": () => helped("tools-helper", { tools }),
  ...failures(ask),
  "retried": () => ask("retried", {}, { maxRetries: 2 }),
  "tools": () => ask("tools", { tools }),
  "event-stream": () => streamed("event-stream"),
  "reasoning": () => ask("reasoning"),
  "json": () => ask("json", { response_format: { type: "json_object" } }),
  "parameters": () => ask("parameters", { max_completion_tokens: 50, reasoning_effort: "low", seed: 7, user: "u-1" }),
  "cut-stream": () => streamed("cut-stream"),
  "raw": async () => {
    const { data, response } = await ask("raw").withResponse();
    return { ...data, status: response.status, kind: response.headers.get("content-type") };
  },
  "plain-again": () => ask("plain-again"),
});

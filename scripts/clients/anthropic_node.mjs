// The official `@anthropic-ai/sdk` package under Node.
import { failures, given, load, run } from "./node_cases.mjs";

const { base, good } = given();
const { default: Anthropic } = await load("@anthropic-ai/sdk");

const messages = [{ role: "user", content: "What is the capital of France?" }];
const tools = [{
  name: "weather",
  description: "The weather in a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
}];
const client = (options = {}) =>
  new Anthropic({ baseURL: base, apiKey: good, maxRetries: 0, timeout: 20_000, ...options });
const asked = (name, params) => ({ model: `case-${name}`, max_tokens: 99, messages, ...params });
const ask = (name, params = {}, options = {}) => client(options).messages.create(asked(name, params));

async function streamed(name, params = {}) {
  const chunks = [];
  for await (const event of await ask(name, { stream: true, ...params })) chunks.push(event);
  return { chunks, order: [...new Set(chunks.map((event) => event.type))] };
}

async function helped(name, params = {}) {
  const kinds = new Set();
  const runner = client().messages.stream(asked(name, params));
  for (const kind of ["connect", "text", "inputJson", "contentBlock", "message", "finalMessage", "end"]) {
    runner.on(kind, () => kinds.add(kind));
  }
  return { ...(await runner.finalMessage()), kinds: [...kinds] };
}

await run({
  "plain": () => ask("plain"),
  "stream": () => streamed("stream"),
  "stream-helper": () => helped("stream-helper"),
  "tools": () => ask("tools", { tools }),
  "tools-stream": () => streamed("tools-stream", { tools }),
  "tools-helper": () => helped("tools-helper", { tools }),
  "tools-forced": () => ask("tools-forced", { tools, tool_choice: { type: "tool", name: "weather" } }),
  "reasoning": () => ask("reasoning"),
  "reasoning-stream": () => streamed("reasoning-stream"),
  "retried": () => ask("retried", {}, { maxRetries: 2 }),
  ...failures(ask),
  "plain-again": () => ask("plain-again"),
});

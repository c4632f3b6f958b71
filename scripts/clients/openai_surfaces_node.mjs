// The official `openai` package under Node: Responses and embeddings, with its helpers.
import { failures, given, load, run } from "./node_cases.mjs";

const { base, good } = given();
const { default: OpenAI } = await load("openai");

const input = "What is the capital of France?";
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const tools = [{ type: "function", name: "weather", description: "The weather in a city", strict: false, parameters: schema }];
const text = { format: { type: "json_schema", name: "City", strict: true, schema } };
const client = (options = {}) =>
  new OpenAI({ baseURL: `${base}/v1`, apiKey: good, maxRetries: 0, timeout: 20_000, ...options });
const asked = (name, params) => ({ model: `case-${name}`, input, ...params });
const ask = (name, params = {}, options = {}) => client(options).responses.create(asked(name, params));

async function streamed(events) {
  const chunks = [];
  for await (const event of events) chunks.push(event);
  return { chunks, order: [...new Set(chunks.map((event) => event.type))] };
}

async function helped(name, params = {}) {
  const runner = client().responses.stream(asked(name, params));
  return { ...(await streamed(runner)), final: await runner.finalResponse() };
}

await run({
  "plain": () => ask("plain"),
  "stream": async () => streamed(await ask("stream", { stream: true })),
  "stream-helper": () => helped("stream-helper"),
  "tools": () => ask("tools", { tools }),
  "tools-stream": async () => streamed(await ask("tools-stream", { tools, stream: true })),
  "tools-helper": () => helped("tools-helper", { tools }),
  "reasoning": () => ask("reasoning"),
  "json": () => client().responses.parse(asked("json", { text })),
  "embedding": () => client().embeddings.create({ model: "case-embedding", input }),
  "embeddings": () => client().embeddings.create({ model: "case-embeddings", input: [input, "Why?"] }),
  "retried": () => ask("retried", {}, { maxRetries: 2 }),
  ...failures(ask),
  "plain-again": () => ask("plain-again"),
});

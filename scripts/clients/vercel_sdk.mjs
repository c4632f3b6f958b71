// The Vercel AI SDK with its defaults: OpenAI (Responses), an OpenAI-compatible provider, or Anthropic; by the last argument.
import { given, load, run } from "./node_cases.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;
const { base, good, bad } = given();
const { embed, generateObject, generateText, jsonSchema, streamText, tool } = await load("ai");
const makers = {
  openai: async (apiKey) => (await load("@ai-sdk/openai")).createOpenAI({ baseURL: `${base}/v1`, apiKey }),
  compatible: async (apiKey) =>
    (await load("@ai-sdk/openai-compatible")).createOpenAICompatible({ name: "mine", baseURL: `${base}/v1`, apiKey }),
  anthropic: async (apiKey) => (await load("@ai-sdk/anthropic")).createAnthropic({ baseURL: `${base}/v1`, apiKey }),
};
const which = process.argv[6];

const prompt = "What is the capital of France?";
const schema = jsonSchema({
  type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false,
});
const tools = { weather: tool({ description: "The weather in a city", inputSchema: schema }) };
const asked = async (name, params = {}, apiKey = good) =>
  ({ model: (await makers[which](apiKey))(`case-${name}`), prompt, maxRetries: 0, ...params });

async function ask(name, params = {}, apiKey = good) {
  return told(await generateText(await asked(name, params, apiKey)));
}

async function streamed(name, params = {}) {
  const errors = [];
  const result = streamText({ ...(await asked(name, params)), onError: ({ error }) => errors.push(error) });
  const chunks = [];
  for await (const part of result.fullStream) chunks.push(part.type);
  if (errors.length) throw errors[0];
  return { ...(await told(result)), order: [...new Set(chunks)] };
}

async function told(result) {
  return {
    text: await result.text,
    reasoning: await result.reasoningText ?? null,
    calls: (await result.toolCalls).map(({ toolName, input, toolCallId }) => ({ toolName, input, toolCallId })),
    finish: await result.finishReason,
    model: (await result.response).modelId,
    usage: await result.usage,
    warnings: await result.warnings ?? [],
  };
}

const cases = {
  "plain": () => ask("plain"),
  "stream": () => streamed("stream"),
  "parameters": () => ask("parameters", { system: "Be kind.", temperature: 0.5, maxOutputTokens: 99 }),
  "tools": () => ask("tools", { tools }),
  "tools-stream": () => streamed("tools-stream", { tools }),
  "tools-forced": () => ask("tools-forced", { tools, toolChoice: { type: "tool", toolName: "weather" } }),
  "reasoning-stream": () => streamed("reasoning-stream"),
  "retried": () => ask("retried", { maxRetries: 2 }),
  "key": () => ask("key", {}, bad),
  "missing": () => ask("missing"),
  "invalid": () => ask("invalid"),
  "limited": () => ask("limited"),
  "broken": () => ask("broken"),
  "crashed": () => ask("crashed"),
  "slow": () => ask("slow", { abortSignal: AbortSignal.timeout(400) }),
  "plain-again": () => ask("plain-again"),
};
const json = which === "anthropic" ? "json-tool" : "json";
cases[json] = async () => (await generateObject(await asked(json, { schema }))).object;
if (which === "openai") {
  const model = (await makers.openai(good)).embedding("case-embedding");
  cases.embedding = async () => (await embed({ model, value: prompt })).embedding;
}
await run(cases);

// Asks everything on standard input with the official Node SDKs, and prints what they made of each answer.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [baseURL, modules] = process.argv.slice(2);
const require = createRequire(modules);
const { OpenAI } = require("openai");
const { Anthropic } = require("@anthropic-ai/sdk");

const openai = new OpenAI({ baseURL, apiKey: "client-key", maxRetries: 0 });
const anthropic = new Anthropic({ baseURL, apiKey: "client-key", maxRetries: 0 });
const hi = [{ role: "user", content: "Hi" }];

async function chat({ model, stream, passed }, options) {
  let thinking = "";
  const think = (said) => (passed ? "" : said?.reasoning_content ?? "");
  let done;
  if (stream) {
    const body = { model, messages: hi, stream_options: { include_usage: true } };
    const runner = openai.chat.completions.stream(body, options);
    runner.on("chunk", (chunk) => (thinking += think(chunk.choices[0]?.delta)));
    done = await runner.finalChatCompletion();
  } else {
    done = await openai.chat.completions.create({ model, messages: hi }, options);
    thinking = think(done.choices[0].message);
  }
  const [{ message, finish_reason }] = done.choices;
  const calls = (message.tool_calls ?? []).map((call) => [call.id, call.function.name, call.function.arguments]);
  return { text: message.content ?? "", refusal: message.refusal ?? "", thinking, calls, reason: finish_reason, usage: done.usage };
}

async function responses({ model, stream }, options) {
  const body = { model, input: "Hi" };
  const done = stream ? await openai.responses.stream(body, options).finalResponse() : await openai.responses.create(body, options);
  const heard = { text: "", refusal: "", thinking: "", calls: [], usage: done.usage };
  for (const item of done.output) {
    if (item.type === "message") {
      for (const part of item.content) part.type === "refusal" ? (heard.refusal += part.refusal) : (heard.text += part.text);
    }
    if (item.type === "reasoning") heard.thinking += (item.content?.length ? item.content : item.summary).map((one) => one.text).join("\n\n");
    if (item.type === "function_call") heard.calls.push([item.call_id, item.name, item.arguments]);
  }
  return { ...heard, reason: done.incomplete_details?.reason ?? done.status };
}

async function messages({ model, stream }, options) {
  const body = { model, max_tokens: 64, messages: hi };
  const done = stream ? await anthropic.messages.stream(body, options).finalMessage() : await anthropic.messages.create(body, options);
  const of = (type, name) => done.content.filter((block) => block.type === type).map((block) => block[name]).join("");
  const calls = done.content.filter((block) => block.type === "tool_use").map((block) => [block.id, block.name, JSON.stringify(block.input)]);
  return { text: of("text", "text"), refusal: "", thinking: of("thinking", "thinking"), calls, reason: done.stop_reason, usage: done.usage };
}

const ways = { openai_chat: chat, openai_responses: responses, anthropic_messages: messages };
const said = [];
for (const asked of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    said.push(await ways[asked.client](asked, { headers: asked.headers }));
  } catch (error) {
    const message = error.error?.error?.message ?? error.error?.message ?? error.message;
    said.push({ error: [error.constructor.name, error.status ?? 0, message] });
  }
}
console.log(JSON.stringify(said));

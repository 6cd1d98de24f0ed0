// Calls OpenAI's own SDK at the base URL and with the key it is given, and prints what the SDK made of each answer.
import OpenAI from "openai";

const [baseURL, apiKey, closedURL] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const ask = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] };
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ type: "function", function: { name: "weather", parameters } }];

async function streamed(body) {
  const texts = [];
  let usage = null;
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
    texts.push(chunk.choices[0]?.delta.content ?? "");
    usage = chunk.usage ?? usage;
  }
  return { text: texts.join(""), usage };
}

async function deltas(model) {
  const found = [];
  for await (const event of await client.responses.create({ model, input: "Hi", stream: true })) {
    if (event.type === "response.output_text.delta") found.push(event.delta);
  }
  return found;
}

async function caught(promise) {
  try {
    return { error: null, result: await promise };
  } catch (error) {
    return { error: error.constructor.name, status: error.status ?? null, code: error.code ?? null, message: error.message };
  }
}

const cases = {
  chat: () => client.chat.completions.create(ask).then((done) => ({ text: done.choices[0].message.content, usage: done.usage })),
  stream: () => streamed({ ...ask, stream_options: { include_usage: true } }),
  tools: async () => {
    const pieces = [];
    const runner = client.chat.completions.stream({ ...ask, tools });
    runner.on("tool_calls.function.arguments.delta", (event) => pieces.push(event.arguments_delta));
    const [call] = (await runner.finalChatCompletion()).choices[0].message.tool_calls;
    return { pieces, name: call.function.name, arguments: call.function.arguments };
  },
  response: () => client.responses.create({ model: ask.model, input: "Hi" }).then((done) => ({ text: done.output_text, usage: done.usage })),
  responseStream: () => deltas(ask.model),
  embedding: () => client.embeddings.create({ model: "text-embedding-3-small", input: "Hi" }).then((done) => done.data[0].embedding),
  token: () => new OpenAI({ baseURL: closedURL, apiKey: process.env.TOKEN, maxRetries: 0 }).chat.completions.create(ask).then((done) => done.id),
  unauthorized: () => caught(new OpenAI({ baseURL: closedURL, apiKey, maxRetries: 0 }).chat.completions.create(ask)),
  limited: () => caught(client.chat.completions.create({ ...ask, model: "gpt-limited" })),
  broken: () => caught(streamed({ ...ask, model: "gpt-cut" })),
  responseBroken: () => caught(deltas("gpt-cut")),
};

const said = {};
for (const [name, run] of Object.entries(cases)) said[name] = await run();
console.log(JSON.stringify(said));

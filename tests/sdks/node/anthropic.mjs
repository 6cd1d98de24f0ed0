// Calls Anthropic's own SDK at the base URL and with the key it is given, and prints what the SDK made of each answer.
import Anthropic from "@anthropic-ai/sdk";

const [baseURL, apiKey, closedURL] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0 });
const input_schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const ask = {
  model: "claude-of-this-test",
  max_tokens: 2048,
  thinking: { type: "enabled", budget_tokens: 1024 },
  messages: [{ role: "user", content: "Weather in Lisbon?" }],
  tools: [{ name: "weather", input_schema }],
};

function parsed(message) {
  const [thinking, text, use] = message.content;
  return { thinking: thinking.thinking, text: text.text, input: use.input, stop: message.stop_reason, out: message.usage.output_tokens };
}

async function caught(promise) {
  try {
    return { error: null, result: await promise };
  } catch (error) {
    return { error: error.constructor.name, status: error.status ?? null, type: error.error?.error?.type ?? null };
  }
}

const cases = {
  message: () => client.messages.create(ask).then(parsed),
  stream: async () => {
    const texts = [];
    const stream = client.messages.stream(ask).on("text", (text) => texts.push(text));
    return { ...parsed(await stream.finalMessage()), texts };
  },
  token: () => new Anthropic({ baseURL: closedURL, apiKey: process.env.TOKEN, maxRetries: 0 }).messages.create(ask).then((done) => done.id),
  unauthorized: () => caught(new Anthropic({ baseURL: closedURL, apiKey, maxRetries: 0 }).messages.create(ask)),
  limited: () => caught(client.messages.create({ ...ask, model: "claude-limited" })),
  broken: () => caught(client.messages.stream({ ...ask, model: "claude-cut" }).finalMessage()),
};

const said = {};
for (const [name, run] of Object.entries(cases)) said[name] = await run();
console.log(JSON.stringify(said));

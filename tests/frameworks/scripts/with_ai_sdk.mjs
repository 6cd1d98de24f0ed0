// The Vercel AI SDK as a new user has it: each case of standard input is a conversation, what was heard is printed.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Output, generateText, stepCountIs, streamText, tool } from "ai";
import { readFileSync } from "node:fs";
import { z } from "zod";

globalThis.AI_SDK_LOG_WARNINGS = false;

const place = z.object({ city: z.string(), degrees: z.number() });
const weather = tool({
  description: "The weather in a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});

const models = {
  openai: ({ model, url, headers }) => createOpenAI({ baseURL: url, apiKey: "sk-client", headers }).chat(model),
  responses: ({ model, url, headers }) => createOpenAI({ baseURL: url, apiKey: "sk-client", headers }).responses(model),
  anthropic: ({ model, url, headers }) => createAnthropic({ baseURL: `${url}/v1`, apiKey: "sk-client", headers })(model),
  google: ({ model, url, headers }) =>
    createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: "sk-client", headers })(model),
  compatible: ({ model, url, headers }) =>
    createOpenAICompatible({ name: "gateway", baseURL: url, apiKey: "sk-client", headers, includeUsage: true, supportsStructuredOutputs: true })(model),
};

const thinking = {
  openai: { openai: { reasoningEffort: "low", forceReasoning: true } },
  responses: { openai: { reasoningEffort: "low", reasoningSummary: "auto", forceReasoning: true, store: false } },
  anthropic: { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } },
  google: { google: { thinkingConfig: { thinkingBudget: 1024, includeThoughts: true } } },
  compatible: { gateway: { reasoningEffort: "low" } },
};

async function told(one) {
  const asked = { model: models[one.client](one), maxRetries: 0, system: "Be brief." };
  if (one.kind === "schema") Object.assign(asked, { prompt: "Where is it warm?", output: Output.object({ schema: place }) });
  else Object.assign(asked, { prompt: "Weather in Lisbon?", tools: { weather }, stopWhen: stepCountIs(3) });
  if (one.kind === "thinking") Object.assign(asked, { providerOptions: thinking[one.client] });
  let pieces = 0;
  let result;
  if (one.stream) {
    let failure;
    result = streamText({ ...asked, onError: ({ error }) => void (failure = error) });
    for await (const _ of result.textStream) pieces += 1;
    if (failure) throw failure;
  } else result = await generateText(asked);
  const steps = await result.steps;
  return {
    text: await result.text,
    place: one.kind === "schema" ? ((await result.output) ?? null) : null,
    calls: steps.flatMap((step) => step.toolCalls.map((call) => [call.toolName, call.input])),
    thoughts: steps.map((step) => step.reasoningText ?? ""),
    finish: steps.map((step) => step.finishReason),
    usage: (await result.totalUsage).outputTokens ?? null,
    pieces,
  };
}

for (const one of JSON.parse(readFileSync(0, "utf8"))) {
  const said = await told(one).catch((error) => ({ error: `${error.name}: ${error.message} ${error.responseBody ?? ""}`.slice(0, 600) }));
  console.log(JSON.stringify(said));
}

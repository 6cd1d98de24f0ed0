"""What names of the code mean to a reader of the reference, where the code itself has no place to say it."""

from typing import Final

REQUEST_HEADERS: Final = {
    "cf-aig-authorization": "`Bearer <gateway token>`. A token in this header decides alone; without it, the slots in"
    " which SDKs put their API key are looked at: `authorization`, `x-api-key`, `x-goog-api-key`, `api-key`,"
    " `xi-api-key` and the query parameter `key`.",
    "cf-aig-backoff": "`constant`, `linear` or `exponential`: how the wait between attempts grows, in place of"
    " `retry.backoff`.",
    "cf-aig-byok-alias": "Which stored key to use (`keys` in gateways.yaml). It wins over a key the client sent.",
    "cf-aig-cache-key": "1 to 1024 bytes: a key of your own, in place of path, model and body. With it a call is"
    " cached where `cache` is off, too: for `cf-aig-cache-ttl`, else 300 seconds.",
    "cf-aig-cache-ttl": "Seconds, 0 to 2592000: how long the answer is given again, in place of `cache.ttl`; 0 passes"
    " the cache by. Alone it switches nothing on.",
    "cf-aig-collect-log": "`true` or `false`: whether this call gets a line in the request log, whatever"
    " `logs.collect` says.",
    "cf-aig-collect-log-payload": "`true` or `false`: whether that line holds both bodies, whatever `logs.payload`"
    " says.",
    "cf-aig-custom-cost": 'What this call costs: `{"per_token_in": …, "per_token_out": …, "per_cache_read_token": …,'
    ' "per_cache_write_token": …}` in US dollars per token, the last two optional, or `{"total_cost": …}`.',
    "cf-aig-event-id": "An id of your own; it comes back in the answer and stands in the log and on the span.",
    "cf-aig-max-attempts": "1 to 5: the most times a provider is asked, in place of `retry.attempts`.",
    "cf-aig-metadata": "Tags for log and spans: a flat JSON object of strings, numbers and booleans, at most 64"
    " entries and 8192 bytes. Keys that begin with `cf.` are dropped.",
    "cf-aig-otel-parent-span-id": "16 hex digits: the parent span, beside `cf-aig-otel-trace-id`.",
    "cf-aig-otel-trace-id": "32 hex digits: the trace the call belongs to, where no `traceparent` is sent.",
    "cf-aig-request-timeout": "Milliseconds, 1 to 86400000: how long to wait for the answer's head, in place of"
    " `timeout.first_byte`.",
    "cf-aig-retry-delay": "Milliseconds, 0 to 60000: the wait before the second attempt, in place of `retry.delay`.",
    "cf-aig-skip-cache": "`true`: this call is neither answered from the cache nor kept there.",
    "cf-aig-strict": "On the unified API: `false` has what the provider cannot carry left out, and named in"
    " `cf-aig-dropped`. Without it the call is refused with 400.",
}

CONTROL_HEADERS: Final = {
    "baggage": "Ends here.",
    "traceparent": "W3C trace context: the caller's span. It goes on to a provider only where `propagate` allows it.",
    "tracestate": "W3C trace context: goes with `traceparent`, where `propagate` is `traceparent+tracestate`.",
    "x-fal-target-url": "The whole URL at Fal, `https://` and a host of Fal's; it goes there instead of to the path.",
    "b3": "Ends here: other forms of trace context are not read.",
    "uber-trace-id": "Ends here.",
    "cf-cache-ttl": "The older name of `cf-aig-cache-ttl`, which wins over it.",
    "cf-skip-cache": "The older name of `cf-aig-skip-cache`, which wins over it.",
}
"""Those that begin with x-b3- are listed with b3."""

RESPONSE_HEADERS: Final = {
    "cf-aig-attempts": "How many times a provider was asked.",
    "cf-aig-budget-remaining": "US dollars left of the tightest budget of `spend_limits` that is for this call, after"
    " it as far as its cost is known, else after what was reserved for it.",
    "cf-aig-cache-saved": "US dollars that the same answer cost when it came from its provider; on hits, where known.",
    "cf-aig-cache-status": "`HIT`, `MISS` or `BYPASS`; absent where no cache has a part in the call.",
    "cf-aig-cost": "US dollars, exact. Only where the cost is known before the head goes out: on answers that are read"
    " whole. Otherwise it is in the log. Absent where the call is unpriced.",
    "cf-aig-degraded": "What could not be done because the store is out of reach: the limits' names, or `cache`.",
    "cf-aig-dropped": "On the unified API: the names of what did not reach the provider, between commas, at most 1024"
    " characters. Hints that change no answer are named always, anything else only with `cf-aig-strict: false`.",
    "cf-aig-event-id": "The client's `cf-aig-event-id`, else the log id.",
    "cf-aig-log-id": "The `id` of the call's line in the request log, a UUIDv7.",
    "cf-aig-model": "The model that was asked for.",
    "cf-aig-overhead": "Milliseconds the gateway itself spent up to the answer's head.",
    "cf-aig-provider": "The provider that was asked.",
    "cf-aig-request-id": "The same as the log id.",
    "cf-aig-step": "Which step served: 0 is the provider that was asked first, or a universal call's first step.",
    "traceparent": "The call's span, where the call has a trace.",
}

SPAN_ATTRIBUTES: Final = {
    "client.address": "The address of the connection's other end.",
    "error.type": "Of a failure: `timeout`, `unreachable`, `stream_broken`, the provider's own code, or the status.",
    "gateway.account": "The account in the URL.",
    "gateway.attempt": "The attempt's number, from 1.",
    "gateway.attempts": "How many attempts there were.",
    "gateway.cached": "Whether the answer came from a cache.",
    "gateway.cancelled_by": "`client` or `gateway`, of what was cut short.",
    "gateway.config_version": "The configuration the call ran under.",
    "gateway.event_id": "The client's `cf-aig-event-id`.",
    "gateway.gateway": "The gateway in the URL.",
    "gateway.key_alias": "The stored key's alias.",
    "gateway.log_id": "The `id` of the call's line in the request log.",
    "gateway.metadata.*": "Each entry of the metadata; also under its bare name, where that is not a reserved one.",
    "gateway.outcome": "`served`, `refused`, `failed` or `abandoned`.",
    "gateway.overhead": "Seconds the gateway itself spent up to the answer's head.",
    "gateway.provider": "The provider's name in gateways.yaml.",
    "gateway.refusal": "The code of the gateway's own error.",
    "gateway.requested_model": "The model that the client asked for.",
    "gateway.response.service_tier": "The service tier that the answer names.",
    "gateway.step": "Which step of a routed call served.",
    "gateway.surface": "`native`, `compat` for the unified API, or `universal`.",
    "gateway.token": "The name of the gateway token.",
    "gen_ai.embeddings.dimension.count": "As the request asks.",
    "gen_ai.input.messages": "The prompt, where content is captured.",
    "gen_ai.operation.name": "`chat`, `text_completion`, `generate_content`, `embeddings`, …",
    "gen_ai.output.messages": "The answer, where content is captured.",
    "gen_ai.output.type": "`text`, `json`, `image` or `speech`, as the request asks.",
    "gen_ai.provider.name": "The provider's name in the conventions, where it has one there.",
    "gen_ai.request.choice.count": "As the request asks.",
    "gen_ai.request.encoding_formats": "As the request asks.",
    "gen_ai.request.frequency_penalty": "As the request asks.",
    "gen_ai.request.max_tokens": "As the request asks.",
    "gen_ai.request.model": "The model that was asked for.",
    "gen_ai.request.presence_penalty": "As the request asks.",
    "gen_ai.request.seed": "As the request asks.",
    "gen_ai.request.stop_sequences": "As the request asks.",
    "gen_ai.request.stream": "Present and true on streams.",
    "gen_ai.request.temperature": "As the request asks.",
    "gen_ai.request.top_k": "As the request asks.",
    "gen_ai.request.top_p": "As the request asks.",
    "gen_ai.response.finish_reasons": "As the provider says; `error` where the stream was cut.",
    "gen_ai.response.id": "As the provider says.",
    "gen_ai.response.model": "As the provider says.",
    "gen_ai.response.time_to_first_chunk": "Seconds, of a stream.",
    "gen_ai.system_instructions": "The system prompt, where content is captured.",
    "gen_ai.tool.definitions": "The tools on offer, where content is captured.",
    "gen_ai.usage.cache_creation.input_tokens": "Input tokens written to the provider's cache.",
    "gen_ai.usage.cache_read.input_tokens": "Input tokens read from the provider's cache.",
    "gen_ai.usage.cost": "US dollars; absent where the call is unpriced.",
    "gen_ai.usage.input_tokens": "Input tokens, cached ones included.",
    "gen_ai.usage.output_tokens": "Output tokens, reasoning included.",
    "gen_ai.usage.reasoning.output_tokens": "Output tokens spent on reasoning.",
    "http.request.method": "The call's method.",
    "http.response.status_code": "On the call's span what the client got, on an attempt's what the provider said.",
    "http.route": "`/v1/{account}/{gateway}/{provider}/{rest}` with the names of gateways.yaml in it.",
    "network.protocol.version": "`1.1`.",
    "server.address": "The provider's host.",
    "server.port": "The provider's port.",
    "url.full": "On the HTTP span of `http_spans`: the provider's URL without its query.",
    "url.path": "The path without its query, at most 1024 characters.",
    "url.scheme": "`http`.",
    "user_agent.original": "The client's User-Agent.",
}

VARIABLES: Final = {
    "OTEL_BSP_EXPORT_TIMEOUT": "Milliseconds after which a batch that nobody takes is dropped; 30000.",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "Spans in one request; 512.",
    "OTEL_BSP_MAX_QUEUE_SIZE": "Spans that may wait; 8192. The oldest go first.",
    "OTEL_BSP_SCHEDULE_DELAY": "Milliseconds between two batches; 5000.",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "The collector, such as `http://127.0.0.1:4318`; spans go to `/v1/traces` and"
    " metrics to `/v1/metrics` there.",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "Milliseconds for one request; 10000. So are `_HEADERS`, `_PROTOCOL`"
    " (`http/protobuf` or `http/json`), `_COMPRESSION` (`gzip`), `_CERTIFICATE`, `_CLIENT_CERTIFICATE` and"
    " `_CLIENT_KEY` read; each also with `TRACES_` or `METRICS_` before the last word, for one signal.",
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "`true`: prompts and answers on all spans. Off by default.",
    "OTEL_METRICS_EXPORTER": "`otlp` or `none`.",
    "OTEL_METRIC_EXPORT_INTERVAL": "Milliseconds between two exports of metrics; 60000.",
    "OTEL_PROPAGATORS": "Names without `tracecontext` switch W3C trace context off, both ways.",
    "OTEL_RESOURCE_ATTRIBUTES": "`key=value` pairs between commas, for the resource.",
    "OTEL_SDK_DISABLED": "`true`: no spans, no metrics over OTLP.",
    "OTEL_SEMCONV_STABILITY_OPT_IN": "Only for `http_spans`; `http` is added to it.",
    "OTEL_SERVICE_NAME": "`service.name`; `gateway`.",
    "OTEL_TRACES_EXPORTER": "`otlp`, `console`, `none`, or several between commas.",
    "OTEL_TRACES_SAMPLER": "`always_on`, `always_off`, `traceidratio`, each also with `parentbased_` before it;"
    " `parentbased_always_on`.",
    "OTEL_TRACES_SAMPLER_ARG": "The ratio, 0 to 1.",
}

SENTENCES: Final = {
    ("invalid_header", "{name}: {sentence}"): "Names the header, and says what it should hold.",
    ("invalid_header", "{header}: {wrong}"): "`cf-aig-custom-cost`, and what is wrong with it.",
    ("invalid_request", "{sentence}"): "Of a universal call: says what its body should be.",
    ("spend_limited", "{sentence}"): "Names the rule, the limit, the model, and whether this call alone is too much.",
    ("invalid_request", "{place}: {sentence}"): "Names the place in the body, and says what belongs there.",
    ("unsupported_parameter", "{sentence}"): "Of embeddings: says which inputs the model does not take.",
    ("invalid_path", "{sentence}"): "The path leads nowhere at this provider; the sentence says which paths do.",
    ("key_unusable", "{sentence}"): "Says whose stored key it is and what is wrong with it; never the key.",
    ("stream_broken", "{broken}"): "The provider broke off, or fell silent, in the middle of its answer.",
}
"""Refusals whose sentence is made elsewhere."""

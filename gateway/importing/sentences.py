"""What to tell about settings of LiteLLM's that have no counterpart here, or another one than it seems."""

import re
from typing import Final

NOTHING: Final = "there is nothing like it here"
IN_CLEAR: Final = (
    "the {what} stands there in clear: put it into the environment variable {name}; it is not repeated here"
)
NOT_SPREAD: Final = "calls are not spread here: the first of a pool is asked, and the next where it fails"
NOT_ADDED: Final = "nothing is added to requests here: clients send it"
TOKENS: Final = "clients send a gateway token, made by `gateway token`; who administers edits the file"

TOP: Final = {
    r"include.*": "not read: run `gateway import litellm` on that file too",
    r"environment_variables.*": "not read: set it in the environment of `gateway serve`",
    r"guardrails.*": "there are no guardrails here",
    r"mcp_.*": "MCP is not served here",
    r"vector_store_registry.*": "vector stores are reached at the provider's own URL",
    r"credential_list.*": "no model uses it",
    r"callback_settings.*": "spans and metrics go to any OpenTelemetry backend: OTEL_EXPORTER_OTLP_ENDPOINT, `traces`",
    r"model_list\[\d+\]\.model_info.*": "models need no description here",
}
GENERAL: Final = {
    r"pass_through_endpoints": "write a provider of your own (`providers`): it is reached as /custom-NAME/, with every"
    " path below it",
    r"database_.*|store_model_in_db|proxy_batch_write_at|.*spend_logs.*|disable_spend.*": "there is no database here:"
    " calls and their cost are in the request log, on spans and in the metrics",
    r"alert.*|spend_report.*": "alerts are made from the metrics",
    r".*health_check.*": "`circuit_breaker` leaves out who keeps failing, by the calls themselves",
    r"custom_auth.*": f"no code is loaded here: {TOKENS}",
    r"enable_jwt_auth|litellm_jwtauth|ui_.*|.*sso.*": TOKENS,
    r"key_management_.*": "secrets come from the environment or from files, `${file:PATH}`",
}
ROUTER: Final = {
    r"routing_strategy.*|enable_tag_filtering|tag_.*": NOT_SPREAD,
    r"retry_policy|allowed_fails_policy|model_group_retry_policy": "one rule for all failures: `retry.on` and"
    " `circuit_breaker.on` say which count",
    r"enable_pre_call_checks|optional_pre_call_checks": "a conversation that is too long goes to a step of `fallback`"
    " that is `on: [context_length]`, after the provider has said so",
    r"max_fallbacks": "every step of `fallback` may be tried, within `timeout.total`",
}
SETTINGS: Final = {
    r"drop_params": "a call that says `cf-aig-strict: false` has left out what its provider cannot carry; without it"
    " such a call is refused",
    r"modify_params": "requests are not changed beyond what the provider's dialect needs",
    r".*callbacks?|langfuse.*": "spans and metrics go to any OpenTelemetry backend (OTEL_EXPORTER_OTLP_ENDPOINT,"
    " `traces`); /metrics is Prometheus' own",
    r"set_verbose|json_logs|debug.*": "the request log is always JSON, a line per call",
    r"turn_off_message_logging|redact_.*": "so it is here, unless `logs.payload` or `trace_content` says otherwise",
    r"ssl_verify|ssl_certificate|force_ipv4": "`server.ca_file` names further authorities; certificates are verified"
    " always",
    r"default_internal_user_params|default_team_.*|max_internal_.*|upperbound_key_.*|key_gen.*": "there are no users"
    " and teams here: a token has metadata, and limits count by it",
    r"mcp_.*": "MCP is not served here",
    r"cache_params.*": "the cache keeps answers in memory or in Redis, by exact match; `cache` and `server.state` are"
    " all there is to it",
}
PARAMS: Final = {
    r"temperature|top_p|top_k|max_tokens|max_completion_tokens|seed|stop|n|user|stream|metadata": NOT_ADDED,
    r"presence_penalty|frequency_penalty|response_format|reasoning_effort|thinking|tools|tool_choice": NOT_ADDED,
    r"extra_body.*|merge_reasoning_content_in_choices": NOT_ADDED,
    r"timeout|stream_timeout": "deadlines are a gateway's (`timeout`), or a call's (cf-aig-request-timeout), not a"
    " model's",
    r"num_retries|max_retries": "retries are a gateway's (`retry`), or a call's (cf-aig-max-attempts), not a model's",
    r"weight|tags": NOT_SPREAD,
    r"max_budget|budget_duration": "write it under `spend_limits`, with `provider` and `model`",
    r"api_version|azure_.*|tenant_id|client_id|client_secret": "Azure is asked by its API without versions, with an API"
    " key",
    r"aws_.*": "a stored key is {accessKeyId, secretAccessKey, region}, or an API key of Bedrock's; roles and profiles"
    " are not assumed",
    r"vertex_.*": "project and region are those of the stored service account",
}


def under(place: str, told: dict[str, str]) -> dict[str, str]:
    """The same patterns below a place of the file."""
    return {rf"{place}\.(?:{pattern})": sentence for pattern, sentence in told.items()}


TOLD: Final = {
    **TOP,
    **under("general_settings", GENERAL),
    **under("router_settings", ROUTER),
    **under("litellm_settings", SETTINGS),
    **under(r"model_list\[\d+\]\.litellm_params", PARAMS),
}
KNOWN: Final = [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in TOLD.items()]


def told(path: str) -> str:
    """The sentence for what stands at a place."""
    return next((sentence for pattern, sentence in KNOWN if pattern.fullmatch(path)), NOTHING)

"""Configs as people have them."""

SMALL = """
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
"""

POOL = """
model_list:
  - model_name: chat
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://acme-eu.openai.azure.com/
      api_key: os.environ/AZURE_EU
      api_version: "2024-10-21"
      rpm: 500
      order: 2
  - model_name: chat
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_A, rpm: 100, tpm: 30000, order: 1}
  - model_name: chat
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_B, rpm: 100, order: 3}
router_settings:
  routing_strategy: usage-based-routing-v2
  enable_pre_call_checks: true
"""

RELIABLE = """
model_list:
  - {model_name: claude, litellm_params: {model: anthropic/claude-sonnet-4-5, api_key: os.environ/ANTHROPIC_API_KEY}}
  - {model_name: fast, litellm_params: {model: cerebras/llama-3.3-70b, api_key: os.environ/CEREBRAS_API_KEY}}
  - {model_name: long, litellm_params: {model: gemini/gemini-2.5-pro, api_key: os.environ/GEMINI_API_KEY}}
litellm_settings:
  num_retries: 3
  request_timeout: 600
  context_window_fallbacks: [{claude: [long]}]
  content_policy_fallbacks: [{claude: [fast]}]
  default_fallbacks: [long]
  allowed_fails: 3
router_settings:
  num_retries: 2
  timeout: 30
  stream_timeout: 10
  retry_after: 1
  cooldown_time: 30
  fallbacks: [{claude: [fast, long]}, {gone: [fast]}, {fast: [nowhere]}]
  model_group_alias: {sonnet: claude, hidden: {model: fast, hidden: true}}
"""

SELF_HOSTED = """
model_list:
  - model_name: llama
    litellm_params: {model: hosted_vllm/meta-llama/Llama-3.3-70B-Instruct, api_base: "http://vllm-1.internal:8000/v1"}
  - model_name: llama
    litellm_params: {model: hosted_vllm/meta-llama/Llama-3.3-70B-Instruct, api_base: "http://vllm-2.internal:8000/v1"}
  - model_name: qwen
    litellm_params: {model: ollama/qwen3, api_base: "http://localhost:11434"}
  - model_name: mistral
    litellm_params: {model: ollama_chat/mistral}
  - model_name: proxied
    litellm_params: {model: openai/inner, api_base: os.environ/INNER_API_BASE, api_key: os.environ/INNER_KEY}
  - model_name: studio
    litellm_params: {model: lm_studio/phi-4, api_base: "http://127.0.0.1:1234/v1", api_key: not-needed}
  - model_name: claude-inside
    litellm_params: {model: anthropic/claude-sonnet-4-5, api_base: "https://claude.internal", api_key: os.environ/C}
  - model_name: nowhere
    litellm_params: {model: hosted_vllm/lost}
"""

CLOUDS = """
model_list:
  - model_name: nova
    litellm_params:
      model: bedrock/us-east-1/amazon.nova-pro-v1:0
      aws_access_key_id: os.environ/AWS_ACCESS_KEY_ID
      aws_secret_access_key: os.environ/AWS_SECRET_ACCESS_KEY
  - model_name: sonnet
    litellm_params:
      model: bedrock/converse/eu.anthropic.claude-sonnet-4-5-20250929-v1:0
      aws_access_key_id: os.environ/AWS_ACCESS_KEY_ID
      aws_secret_access_key: os.environ/AWS_SECRET_ACCESS_KEY
      aws_region_name: eu-west-1
  - model_name: role
    litellm_params: {model: bedrock/anthropic.claude-3-haiku-20240307-v1:0, aws_role_name: arn:aws:iam::1:role/x}
  - model_name: gemini
    litellm_params:
      model: vertex_ai/gemini-2.5-pro
      vertex_project: acme-1
      vertex_location: europe-west1
      vertex_credentials: keys/vertex.json
  - model_name: azured
    litellm_params: {model: azure/my-deployment, api_base: os.environ/AZURE_API_BASE, api_key: os.environ/AZURE_API_KEY}
"""

IN_CLEAR = """
model_list:
  - model_name: a
    litellm_params: {model: openai/gpt-4o, api_key: sk-canary-1111111111}
  - model_name: b
    litellm_params:
      model: openai/gpt-4o-mini
      api_key: sk-canary-2222222222
      extra_headers: {x-api-token: canary-3333333333, x-team: search}
  - model_name: c
    litellm_params: {model: openai/o3, api_key: sk-canary-1111111111, organization: org-1}
environment_variables: {OPENAI_API_KEY: canary-4444444444}
general_settings: {master_key: sk-canary-5555555555, database_url: "postgres://u:canary-6666@h/db"}
litellm_settings:
  cache: true
  cache_params: {type: redis, host: localhost, port: 6379, password: canary-7777777777}
router_settings: {redis_url: "redis://:canary-8888@localhost"}
credential_list:
  - {credential_name: unused, credential_values: {api_key: canary-9999999999}}
"""

CREDENTIALS = """
credential_list:
  - credential_name: eu
    credential_values: {api_key: os.environ/AZURE_EU, api_base: "https://acme-eu.openai.azure.com"}
    credential_info: {description: Europe}
model_list:
  - {model_name: gpt, litellm_params: {model: azure/gpt-4o, litellm_credential_name: eu}}
"""

PRICED = """
model_list:
  - model_name: own
    litellm_params:
      model: openai/my-model
      api_base: https://llm.example.com/v1
      api_key: os.environ/OWN_KEY
      input_cost_per_token: 0.00000015
      output_cost_per_token: 6e-07
    model_info: {cache_read_input_token_cost: 1.5e-08, mode: chat}
  - model_name: odd
    litellm_params: {model: openai/odd, input_cost_per_token: a lot, input_cost_per_second: 0.1}
litellm_settings: {max_budget: 100.5, budget_duration: 30d}
router_settings:
  provider_budget_config:
    openai: {budget_limit: 10, time_period: 1d}
    nobody: {budget_limit: 10, time_period: 1d}
"""

EVERYTHING_ELSE = """
include: [models.yaml]
model_list:
  - model_name: "openai/*"
    litellm_params: {model: "openai/*"}
  - model_name: guessed
    litellm_params: {model: gpt-4o, temperature: 0.2, max_tokens: 100, weight: 3, timeout: 5, num_retries: 1}
  - model_name: unknown
    litellm_params: {model: some-model}
  - model_name: images
    litellm_params: {model: fal_ai/fal-ai/flux}
    model_info: {id: "1", mode: image_generation, base_model: x, supports_vision: true}
litellm_settings:
  drop_params: true
  set_verbose: false
  callbacks: [otel, prometheus]
  success_callback: [langfuse]
  cache: true
  cache_params: {type: redis-semantic, similarity_threshold: 0.8}
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  database_url: os.environ/DATABASE_URL
  store_model_in_db: true
  alerting: [slack]
  max_request_size_mb: 10
  global_max_parallel_requests: 200
  pass_through_endpoints: [{path: /v1/rerank, target: "https://api.cohere.com/v1/rerank"}]
guardrails:
  - {guardrail_name: pii, litellm_params: {guardrail: presidio, mode: pre_call}}
mcp_servers: {github: {url: "https://example.com/mcp"}}
"""

ANCHORED = """
x-shared: &shared {api_key: os.environ/OPENAI_API_KEY, rpm: 10}
model_list:
  - model_name: merged
    litellm_params: {<<: *shared, model: openai/gpt-4o}
  - model_name: aliased
    litellm_params: &mini {model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY}
  - model_name: twin
    litellm_params: *mini
"""

DATABASE_ONLY = """
general_settings: {master_key: os.environ/LITELLM_MASTER_KEY, database_url: os.environ/DATABASE_URL}
"""

SWITCHED_OFF = """
model_list:
  - {model_name: a, litellm_params: {model: groq/llama-3.1-8b-instant, api_key: os.environ/GROQ_API_KEY}}
router_settings: {num_retries: 0, disable_cooldowns: true}
litellm_settings: {cache: false}
"""

ALL = {name: text for name, text in vars().items() if name.isupper()}

"""A gateway with a secret in every place that has one, each with a word that is nowhere else."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "canary-token-0123456789abcdef"
BATCH = "canary-token-0123456789abcdeg"
"""Another caller's, which differs in its last character."""
PROVIDER_KEY = "canary-stored-key-1"
CLIENT_KEY = "canary-clients-key-2"
HEADER_SECRET = "canary-header-3"
EXPORT_SECRET = "canary-export-4"
OTHER = "canary-token-of-another-gateway"
REDIS_PASSWORD = "canary-password-5"
SECRETS = (TOKEN, BATCH, PROVIDER_KEY, CLIENT_KEY, HEADER_SECRET, EXPORT_SECRET, OTHER)
CHAT = b'{"model": "m", "messages": [{"role": "user", "content": "Hello"}]}'


def configured(url):
    """The file, and the environment it is served in."""
    text = f"""
    providers:
      openai: {{base_url: "{url}/v1", headers: {{x-inside: "${{HEADER_SECRET}}"}}}}
      google-ai-studio: {{base_url: "{url}"}}
    accounts:
      acme:
        gateways:
          closed:
            authentication:
              tokens: [{{name: web, token: "${{TOKEN}}"}}, {{name: batch, token: "${{BATCH}}"}}]
            keys: {{openai: "${{PROVIDER_KEY}}", google-ai-studio: "${{PROVIDER_KEY}}"}}
            client_keys: ignore
            cache: {{ttl: 1h}}
            trace_content: true
            logs: {{payload: true}}
          other:
            authentication: {{tokens: [{{name: other, token: "${{OTHER}}"}}]}}
          open:
            cache: {{ttl: 1h}}
            traces: [{{url: "http://127.0.0.1:9/v1/traces", headers: {{authorization: "${{EXPORT_SECRET}}"}}}}]
          broken:
            keys: {{openai: "${{PROVIDER_KEY}}"}}
            retry: {{attempts: 2, delay: 0}}
            fallback: [{{to: demo/demo, on: [timeout]}}]
    """
    env = {
        "TOKEN": TOKEN,
        "BATCH": BATCH,
        "PROVIDER_KEY": PROVIDER_KEY,
        "HEADER_SECRET": HEADER_SECRET,
        "EXPORT_SECRET": EXPORT_SECRET,
        "OTHER": OTHER,
        "OTEL_TRACES_EXPORTER": "console",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    return text, env

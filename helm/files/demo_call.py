"""What `helm test` runs: a call and a stream through the stand-in provider `demo`, by the Service's name."""

import json
import os
import sys
import time
import urllib.error
import urllib.request

BODY: dict[str, object] = {"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}


def ask(url: str, body: dict[str, object] | None = None) -> tuple[int, str]:
    """The status and text of an answer; new pods may take a moment to be reached."""
    headers = {"content-type": "application/json"}
    if token := os.environ.get(os.environ.get("TEST_TOKEN_ENV") or "-"):
        headers["cf-aig-authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)  # noqa: S310 - our URL
    for attempt in range(10):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            print(f"attempt {attempt + 1}: {error}", flush=True)  # noqa: T201 - this is its log
            time.sleep(1)
    sys.exit(f"{url} cannot be reached")


def main(root: str, gateway: str) -> str:
    """Make the calls; raises SystemExit with a sentence where one fails."""
    status, text = ask(f"{root}/readyz")
    if status != 200:
        sys.exit(f"/readyz says {status}: {text}")
    if not gateway:
        return "ready; no gateway reaches the provider demo, so nothing was called"
    url = f"{root}/v1/{gateway}/demo/chat/completions"
    status, text = ask(url, BODY)
    if status == 401 and not os.environ.get("TEST_TOKEN_ENV"):
        return f"ready, and {gateway} refuses who has no token; set testTokenEnv to go further"
    if status != 200 or not json.loads(text)["choices"][0]["message"]["content"]:
        sys.exit(f"{url} says {status}: {text}")
    status, text = ask(url, BODY | {"stream": True})
    if status != 200 or not text.rstrip().endswith("data: [DONE]"):
        sys.exit(f"{url} streams {status}: {text}")
    return f"ready; {gateway} answers and streams"


if __name__ == "__main__":
    print(main(*sys.argv[1:3]))  # noqa: T201 - as above

"""Log probabilities: Google's logprobsResult as OpenAI's form, and back."""

from typing import Any

from gateway.translation.codec import Json
from gateway.translation.values import soft


def read_logprobs(result: object) -> Any:  # noqa: ANN401 - OpenAI's form, as the neutral one has it
    """The tokens that were chosen, each with its rivals; None where there are none."""
    said = soft(result, dict, {})
    chosen = soft(said.get("chosenCandidates"), list, [])
    rivals = soft(said.get("topCandidates"), list, [])
    content = []
    for number, one in enumerate(chosen):
        entry = _entry(one)
        among = soft(rivals[number], dict, {}).get("candidates") if number < len(rivals) else None
        entry["top_logprobs"] = [_entry(rival) for rival in soft(among, list, [])]
        content.append(entry)
    return {"content": content, "refusal": None} if content else None


def _entry(candidate: object) -> Json:
    """One token, with its bytes."""
    said = soft(candidate, dict, {})
    token = soft(said.get("token"), str, "")
    probability = said.get("logProbability")
    number = probability if isinstance(probability, int | float) and type(probability) is not bool else 0.0
    return {"token": token, "logprob": number, "bytes": list(token.encode("utf-8", "replace"))}


def write_logprobs(logprobs: object) -> Json | None:
    """A logprobsResult; None where nothing is known."""
    content = soft(soft(logprobs, dict, {}).get("content"), list, [])
    if not content:
        return None
    entries = [soft(one, dict, {}) for one in content]
    return {
        "chosenCandidates": [_chosen(one) for one in entries],
        "topCandidates": [
            {"candidates": [_chosen(soft(rival, dict, {})) for rival in soft(one.get("top_logprobs"), list, [])]}
            for one in entries
        ],
    }


def _chosen(entry: Json) -> Json:
    """One token in Google's words."""
    return {"token": entry.get("token", ""), "logProbability": entry.get("logprob", 0.0)}

"""Fallbacks: the rest of a pool after its first, then the pools that LiteLLM would go to."""

from collections.abc import Iterable
from typing import Any, Final

from gateway.importing.ledger import Spot
from gateway.importing.pools import Deployment
from gateway.importing.words import literal

Groups = dict[str, list[Deployment]]
MOST: Final = 500
"""Steps; a file with more is better thought over."""
KINDS: Final = {
    "fallbacks": (),
    "context_window_fallbacks": ("context_length",),
    "content_policy_fallbacks": ("content_filter",),
}
"""LiteLLM's lists, and `on` of their steps where it is not the usual."""


class Chains:
    """`fallback`, step by step."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self.steps: dict[tuple[str, str, tuple[str, ...]], None] = {}
        self.after: dict[str, list[str]] = {}
        """What is asked after a name's first deployment, for the list of models."""

    def pools(self) -> None:
        """Names with several deployments: the first is asked, the others follow."""
        for name, group in self.groups.items():
            for follower in group[1:]:
                self.step(name, group[0], follower, ())

    def step(self, name: str, first: Deployment, to: Deployment, on: tuple[str, ...]) -> bool:
        """One step; False where there are too many."""
        if to.written == first.written:
            return True
        step = (first.written, to.target, on)
        if step not in self.steps and len(self.steps) >= MOST:
            return False
        self.steps[step] = None
        shown = f"{to.written} on {on[0]}" if on else to.written
        after = self.after.setdefault(name, [])
        if shown not in after:
            after.append(shown)
        return True

    def read(self, settings: Spot) -> None:
        """The lists of one block of settings."""
        for kind, on in KINDS.items():
            for entry in settings.get(kind).items():
                for name, targets in entry.pairs():
                    self.chain(name, targets, on)
        default = settings.get("default_fallbacks")
        for target in default.items():
            self.default(target)

    def chain(self, name: str, targets: Spot, on: tuple[str, ...]) -> None:
        """The pools that follow a name's."""
        for target in targets.items():
            if name == "*":
                self.default(target, on)
                continue
            first, group = self.groups.get(name, []), self.groups.get(target.text(), [])
            if not first or not group:
                target.say("a name of the two leads nowhere here: the step is not carried over")
            elif self.follow(name, first[0], group, on):
                target.carry()
            else:
                target.say(f"there are more than {MOST} steps: this one is not carried over")

    def follow(self, name: str, first: Deployment, group: list[Deployment], on: tuple[str, ...]) -> bool:
        """A step for each of a pool; False where there are too many."""
        return all(self.step(name, first, one, on) for one in group)

    def default(self, target: Spot, on: tuple[str, ...] = ()) -> None:
        """A pool that follows every other."""
        group = self.groups.get(target.text(), [])
        if not group:
            target.say("this name leads nowhere here: the step is not carried over")
        elif len(self.steps) + len(group) > MOST:
            target.say(f"there are more than {MOST} steps: this one is not carried over")
        else:
            self.steps.update(dict.fromkeys(("", one.target, on) for one in group))
            target.carry()

    def written(self) -> list[dict[str, Any]]:
        """`fallback`; steps for one model before those for all."""
        return [
            {
                **({"for": literal(origin)} if origin else {}),
                "to": literal(to),
                **({"on": list(on)} if on else {}),
            }
            for origin, to, on in sorted(self.steps, key=lambda step: not step[0])
        ]


def names(settings: Iterable[Spot]) -> dict[str, str]:
    """`model_group_alias`: a further name, and the one it stands for."""
    found: dict[str, str] = {}
    for block in settings:
        for name, spot in block.get("model_group_alias").pairs():
            target = spot.text() or spot.get("model").text()
            spot.get("hidden").carry()
            if target:
                found[name] = target
                spot.carry()
    return found

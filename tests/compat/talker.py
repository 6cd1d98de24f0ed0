"""An official SDK as a client: it asks, says what it heard, and what it ought to have heard."""

from dataclasses import replace
from typing import Any

from tests.compat.heard import MADE, Heard, at, known
from tests.compat.told import Told, Voice

KEY = "client-key"


class Talker:
    """One SDK. `ask` is a simple question; `wish` what it ought to hear, given what was recorded in which dialect."""

    dialect = ""
    own: dict[str, str] = {}
    """Its names of counts by the paths in its own usage object."""
    reasons: dict[str, Any] = {}

    passed = False
    """Whether the provider speaks this dialect too, so that its very bytes come."""

    def ask(self, model: str, *, stream: bool, headers: dict[str, str], passed: bool = False) -> Heard:
        heard, self.passed = Heard(), passed
        with self.caught(heard):
            if stream:
                self.streamed(heard, model, headers)
            else:
                self.whole(heard, model, headers)
        return heard

    def wish(self, said: Told, dialect: str) -> Heard:
        """Bytes that pass are heard as they were said; others in this dialect's words."""
        passed = dialect == self.dialect
        if said.failed:
            return self.broken(said, said.message if passed else said.detail or said.message)
        voices = [self.voice(one, passed=passed) for one in said.voices]
        if passed:
            counts = known({name: at(said.counts, path) for name, path in self.own.items()})
            return Heard(voices, counts if said.counts else self.uncounted())
        return Heard(self.several(voices), self.counted(said))

    def voice(self, one: Voice, *, passed: bool) -> Voice:
        if passed:
            return replace(one, reason=self.native(one))
        wish = replace(one, reason=self.reasons[one.reason])
        return replace(wish, calls=[(id or MADE, name, given) for id, name, given in one.calls])

    def native(self, one: Voice) -> Any:
        return one.word

    def several(self, voices: list[Voice]) -> list[Voice]:
        return voices[:1]

    def uncounted(self) -> dict[str, int] | None:
        return None


def partly(said: Told) -> list[Voice]:
    """What was said before an answer broke off."""
    return [replace(one, reason="", calls=[]) for one in said.voices if one.text or one.thinking][:1]

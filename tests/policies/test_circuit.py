"""A circuit against a model that remembers every call and counts anew each time."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from gateway.policies.circuit import Circuit, Limits


class Machine(RuleBasedStateMachine):
    """Calls begin and end in any order while time passes; the model keeps the whole history."""

    begun = Bundle("begun")

    @initialize(
        failures=st.integers(1, 4),
        per=st.integers(1, 20),
        ratio=st.sampled_from((0.0, 0.5, 1.0)),
        rest=st.integers(1, 9),
    )
    def start(self, failures, per, ratio, rest):
        self.limits = Limits(failures, per, ratio, rest)
        self.circuit = Circuit(self.limits)
        self.now = 1
        self.ends = []
        self.opened_at = None
        self.probe = None

    @rule(seconds=st.integers(1, 12))
    def time_passes(self, seconds):
        self.now += seconds

    def expected(self):
        if self.opened_at is None:
            return "closed"
        return "open" if self.now < self.opened_at + self.limits.open else "half_open"

    @rule(target=begun)
    def a_call_comes(self):
        state, wait = self.expected(), self.circuit.wait(self.now)
        if state == "open":
            assert wait == self.opened_at + self.limits.open - self.now
            return None
        if state == "half_open" and self.probe is not None:
            assert wait > 0
            return None
        assert wait == 0
        probe = self.circuit.enter()
        assert probe == (state == "half_open")
        call = object()
        if probe:
            self.probe = call
        return call

    @precondition(lambda self: hasattr(self, "limits"))
    @rule(call=consumes(begun), end=st.sampled_from(("good", "bad", "bad", "gone")))
    def a_call_ends(self, call, end):
        if call is None:
            return
        probe = call is self.probe
        if end == "good":
            self.circuit.succeed(probe=probe)
        elif end == "bad":
            self.circuit.fail(self.now, probe=probe)
        elif probe:
            self.circuit.leave()
        if probe:
            self.probe = None
            if end != "gone":
                self.ends = []
                self.opened_at = self.now if end == "bad" else None
        elif self.opened_at is None and end != "gone":
            self.ends.append((self.now, end == "bad"))
            self.count(end == "bad")

    def count(self, bad):
        """Open when the last N failures are near, and many enough of all that ended since the first of them."""
        places = [place for place, (_, failed) in enumerate(self.ends) if failed][-self.limits.failures :]
        if not bad or len(places) < self.limits.failures:
            return
        since = self.ends[places[0] :]
        near = self.now - since[0][0] <= self.limits.per
        if near and len(places) >= self.limits.ratio * len(since):
            self.ends, self.opened_at = [], self.now

    @invariant()
    def they_agree(self):
        if hasattr(self, "limits"):
            assert self.circuit.state(self.now) == self.expected()


TestCircuit = Machine.TestCase
TestCircuit.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)

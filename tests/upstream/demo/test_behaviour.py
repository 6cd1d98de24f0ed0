import pytest

from gateway.upstream.demo.behaviour import LONGEST, Behaviour, of_model


@pytest.mark.parametrize(
    ("model", "behaviour"),
    [
        ("demo", Behaviour()),
        ("demo-error-429", Behaviour(error=429)),
        ("demo-slow-250ms", Behaviour(slow=0.25)),
        ("demo-drip-100ms-break", Behaviour(drip=0.1, breaks=True)),
        ("demo-slow-10ms-error-503", Behaviour(error=503, slow=0.01)),
        ("demo-timeout", Behaviour(slow=LONGEST)),
        ("demo-error-timeout", Behaviour(slow=LONGEST)),
        ("demo-slow-9999999ms", Behaviour(slow=LONGEST)),
        ("demo-error-200", None),
        ("demo-slow-99999999ms", None),
        ("demo-", None),
        ("demonstration", None),
        ("gpt-4o", None),
        ("", None),
    ],
)
def test_a_models_name_says_how_to_behave(model, behaviour):
    assert of_model(model) == behaviour

"""What a model's name says."""

import pytest

from gateway.call import Refusal
from gateway.translation.gemini_generate import models


@pytest.mark.parametrize(
    ("model", "generation"),
    [
        ("gemini-1.5-flash", "old"),
        ("gemini-2.0-flash-001", "old"),
        ("gemini-2.5-pro", "2.5"),
        ("models/gemini-2.5-flash-lite", "2.5"),
        ("gemini-3-pro-preview", "3"),
        ("gemini-3.5-flash", "3"),
        ("gemini-10-flash", "3"),
        ("gemini-flash-latest", "unknown"),
        ("tunedModels/mine-3", "unknown"),
    ],
)
def test_generations(model, generation):
    assert models.generation(model) == generation


def test_models_that_want_their_signatures_back():
    assert models.validates("gemini-3-flash-preview")
    assert models.validates("gemini-pro-latest")
    assert not models.validates("gemini-2.5-pro")


@pytest.mark.parametrize(
    ("model", "path"),
    [("gemini-2.5-pro", "models/gemini-2.5-pro"), ("models/x", "models/x"), ("tunedModels/x.1_2", "tunedModels/x.1_2")],
)
def test_a_plain_name_is_a_path(model, path):
    assert models.path(model) == path


@pytest.mark.parametrize("model", ["", "..", "a/b", "models/../x", "x:y", "x?y", "x y", "é", "x\n", "models/"])
def test_another_name_is_refused(model):
    with pytest.raises(Refusal, match="model: must be letters"):
        models.path(model)

"""Sampling and work parameters."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from inference.parameters import MAX_SEED, SamplingParameters, WorkModelConfig, WorkParameters

CONFIG = WorkModelConfig(model_id="a/b", max_input_length=10, max_total_length=20)


def test_what_is_left_out_gets_the_default():
    assert SamplingParameters.model_validate({}).model_dump() == {
        "top_k": 50,
        "top_p": 0.9,
        "typical_p": None,
        "temperature": 1.0,
        "repetition_penalty": None,
        "max_new_tokens": 100,
    }


def test_null_turns_a_rule_off_but_never_the_length_limit():
    everything_null = dict.fromkeys(SamplingParameters.model_fields)
    sampling = SamplingParameters.model_validate(everything_null)
    assert sampling.max_new_tokens == 100
    assert sampling.model_dump(exclude={"max_new_tokens"}) == {
        name: None for name in everything_null if name != "max_new_tokens"
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("top_k", 0),
        ("top_k", 2**31),
        ("top_k", 1.5),
        ("top_p", 0),
        ("top_p", 1.01),
        ("typical_p", 0),
        ("typical_p", 2),
        ("temperature", 0),
        ("temperature", -1),
        ("temperature", float("inf")),
        ("temperature", float("nan")),
        ("temperature", True),
        ("temperature", "warm"),
        ("repetition_penalty", 0),
        ("max_new_tokens", 0),
        ("max_new_tokens", 2**31),
    ],
)
def test_values_out_of_tgis_range_are_refused_by_field(field: str, value: object):
    with pytest.raises(ValidationError) as refused:
        SamplingParameters.model_validate({field: value})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_work_parameters_survive_json_under_open_assistants_names():
    work = WorkParameters(config=CONFIG, seed=MAX_SEED, system_prompt="Be kind.", user_profile="A cook.")
    data = json.loads(json.dumps(work.to_json()))
    assert data["model_config"] == {
        "model_id": "a/b",
        "max_input_length": 10,
        "max_total_length": 20,
        "quantized": False,
    }
    assert set(data) >= {
        "model_config",
        "sampling_parameters",
        "do_sample",
        "seed",
        "system_prompt",
        "user_profile",
        "user_response_instructions",
        "plugins",
        "plugin_max_depth",
    }
    assert WorkParameters.from_json(data) == work


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_a_seed_that_javascript_could_not_keep_is_refused(seed: int):
    with pytest.raises(ValidationError, match="seed"):
        WorkParameters(config=CONFIG, seed=seed)


def test_the_compat_hash_is_open_assistants():
    assert CONFIG.compat_hash == "a/b-20-10-f"
    assert CONFIG.model_copy(update={"quantized": True}).compat_hash == "a/b-20-10-q"


def test_the_pages_ranges_are_ours():
    """tests/contract/parameters.json, which the page's own tests read too."""
    told = json.loads((Path(__file__).parents[1] / "contract" / "parameters.json").read_text(encoding="utf-8"))
    seed = told.pop("seed")
    assert (seed["least"], seed["most"]) == (0, MAX_SEED)
    fields = SamplingParameters.model_json_schema()["properties"]
    assert set(told) == set(fields)
    words = {"exclusiveMinimum": "above", "minimum": "least", "maximum": "most"}
    for name, field in fields.items():
        kinds = field.get("anyOf", [field])
        [kind] = [each for each in kinds if each["type"] != "null"]
        limits = {words[word]: limit for word, limit in kind.items() if word in words}
        rule = {"kind": kind["type"], "default": field["default"], "nullable": {"type": "null"} in kinds}
        assert told[name] == rule | limits, name

"""The model catalogue and the errors of its file."""

import os
from pathlib import Path

import pytest

from inference.catalogue import PACKAGED_FILE, CatalogueError, UnknownModel, current, load_catalogue

GOOD = """\
[presets.calm]
description = "Says the likely"
temperature = 0.1

[models.small]
model_id = "a/small"
prompt_format = "chatml"
max_input_length = 10
max_total_length = 20

[models."large.1"]
model_id = "a/large"
prompt_format = "oasst"
max_input_length = 10
max_total_length = 20
quantized = true
presets = ["calm"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(GOOD)
    return path


def test_models_come_in_the_files_order_with_their_presets(file: Path):
    catalogue = load_catalogue(file)
    assert [config.name for config in catalogue] == ["small", "large.1"]
    large = catalogue.get("large.1")
    assert (large.compat_hash, large.queue_name) == ("a/large-20-10-q", "model.a_large-20-10-q")
    assert [preset.name for preset in large.presets] == ["calm"]


def test_a_preset_turns_off_what_it_does_not_name(file: Path):
    sampling = load_catalogue(file).get("small").presets[0].sampling_parameters
    assert sampling.model_dump(exclude_none=True) == {"temperature": 0.1, "max_new_tokens": 1024}


def test_an_unknown_model_is_told_with_the_known_ones(file: Path):
    with pytest.raises(UnknownModel) as unknown:
        load_catalogue(file).get("smal")
    assert str(unknown.value) == "unknown model 'smal' (do you mean small?); the catalogue has small, large.1"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('model_id = "a/small"', "model_id = ", "6: not valid TOML"),
        ('presets = ["calm"]', 'presets = ["calm"', "17: not valid TOML"),
        ("max_input_length = 10", "max_input_length = 0", "8: models.small.max_input_length: Input should be"),
        ("max_input_length = 10", 'max_input_length = "x"', "8: models.small.max_input_length: Input should be"),
        ("max_total_length = 20", "max_total_length = 10", "5: models.small: max_total_length 10 leaves no room"),
        ('prompt_format = "chatml"', 'prompt_format = "chat"', "7: models.small.prompt_format: unknown prompt format"),
        ('model_id = "a/small"\n', "", "5: models.small.model_id: is missing; it is the Hugging Face model id"),
        ("quantized = true", "quantised = true", "16: models.large.1.quantised: no such key; a model has model_id"),
        ('presets = ["calm"]', 'presets = ["calmer"]', "17: models.large.1.presets: unknown preset 'calmer'"),
        ('presets = ["calm"]', 'presets = "calm"', "17: models.large.1.presets: must be a list of names"),
        ("temperature = 0.1", "temperature = 0", "3: presets.calm.temperature: Input should be greater than 0"),
        ("temperature = 0.1", "temperatur = 1", "3: presets.calm.temperatur: no such key; a preset has description"),
        ("[presets.calm]", "[preset.calm]", "1: preset: no such table; a catalogue has"),
        ('prompt_format = "oasst"', 'prompt_format = "oasst"\nname = "x"', "14: models.large.1.name: the table's name"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_key(file: Path, old: str, new: str, told: str):
    file.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(CatalogueError) as wrong:
        load_catalogue(file)
    assert str(wrong.value).startswith(f"{file}:{told}")


def test_quantized_weights_are_another_model(file: Path):
    file.write_text(GOOD.replace("a/large", "a/small"))
    assert len({config.queue_name for config in load_catalogue(file)}) == 2


def test_two_models_that_would_share_a_queue_are_refused(file: Path):
    file.write_text(GOOD.replace("a/large", "a_small").replace("quantized = true", ""))
    with pytest.raises(CatalogueError, match=r"11: models\.large\.1: shares the queue model\.a_small-20-10-f"):
        load_catalogue(file)


def test_a_missing_file_and_an_empty_one_are_told(tmp_path: Path):
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_catalogue(tmp_path / "none.toml")
    empty = tmp_path / "empty.toml"
    empty.touch()
    with pytest.raises(CatalogueError, match=r"there are no models; add a table \[models.NAME\]"):
        load_catalogue(empty)


def test_a_change_is_taken_up_and_a_mistake_keeps_the_last_good(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("OASST_MODELS_FILE", str(file))
    assert len(current()) == 2
    assert current() is current()

    file.write_text(GOOD[: GOOD.index('[models."large.1"]')])
    assert [config.name for config in current()] == ["small"]

    file.write_text("[models.small]\n")
    assert [config.name for config in current()] == ["small"]
    assert len(current()) == 1
    assert [record.getMessage() for record in caplog.records] == [
        f"The model catalogue stays as it was: {file}:1: models.small.model_id: is missing; it is "
        "the Hugging Face model id, or the engine's own name of the model"
    ]

    file.write_text(GOOD)
    os.utime(file, ns=(1, 1))
    assert len(current()) == 2


def test_a_bad_file_at_the_first_look_is_an_error(file: Path, monkeypatch: pytest.MonkeyPatch):
    file.write_text("nonsense")
    monkeypatch.setenv("OASST_MODELS_FILE", str(file))
    with pytest.raises(CatalogueError, match="1: not valid TOML"):
        current()


def test_the_packaged_catalogue_keeps_open_assistants_names_and_lengths():
    catalogue = load_catalogue(PACKAGED_FILE)
    assert catalogue.get("OA_SFT_Pythia_12B").compat_hash == "OpenAssistant/oasst-sft-1-pythia-12b-2048-1024-f"
    assert catalogue.get("OA_SFT_Llama_30Bq_6").compat_hash == "OpenAssistant/oasst-sft-6-llama-30b-1792-1024-q"
    assert catalogue.get("_lorem").compat_hash == "_lorem-256-128-f"
    assert catalogue.get("distilgpt2").compat_hash == "distilgpt2-1024-512-f"
    assert catalogue.get("demo").model_id == "oasst-demo"


def test_every_packaged_model_says_what_it_is():
    for config in load_catalogue(PACKAGED_FILE):
        assert config.description, config.name
        assert [preset.name for preset in config.presets] == [
            "k50",
            "k50-Creative",
            "k50-Precise",
            "k50-Original",
            "nucleus9",
            "typical2",
            "typical3",
        ]
        if "/" in config.model_id:
            assert config.licence, config.name
            assert config.link, config.name


def test_every_preset_of_every_model_asks_for_what_the_model_can_keep() -> None:
    for config in load_catalogue(PACKAGED_FILE):
        for preset in config.presets:
            assert config.offered(preset).max_new_tokens < config.max_total_length, (config.name, preset.name)

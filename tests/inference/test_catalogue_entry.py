"""A new model is written at the end of a catalogue file, which stays as people wrote it."""

from pathlib import Path

import pytest

from inference.catalogue import CatalogueError, load_catalogue
from inference.catalogue_entry import add_entry

GOOD = """\
# mine
[models.small] # a comment
model_id = "a/small"
prompt_format = "chatml"
max_input_length = 10
max_total_length = 20"""
KEYS = {"model_id": "a/big", "prompt_format": "chatml", "max_input_length": 100, "max_total_length": 200}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(GOOD)
    return path


def test_what_was_there_stays_and_the_new_model_follows(file: Path):
    inode = file.stat().st_ino
    added = add_entry(file, "big", {**KEYS, "reasoning": True, "description": ""}, comment="from http://gpu")
    assert file.read_text() == GOOD + (
        '\n\n# from http://gpu\n[models.big]\nmodel_id = "a/big"\nprompt_format = "chatml"\n'
        "max_input_length = 100\nmax_total_length = 200\nreasoning = true\n"
    )
    assert file.stat().st_ino == inode
    assert load_catalogue(file).get("big") == added


@pytest.mark.parametrize("name", ["Qwen2.5-0.5B", 'a "quoted" name', "Lama é 🦙", "tab\there", "del\x7f"])
def test_every_name_and_text_is_written_as_toml_reads_it(file: Path, name: str):
    add_entry(file, name, {**KEYS, "description": name, "stop_sequences": [name, "\n"]})
    written = load_catalogue(file).get(name)
    assert (written.description, written.stop_sequences) == (name, (name, "\n"))


def test_a_file_that_is_not_there_begins_with_what_is_given(tmp_path: Path):
    add_entry(tmp_path / "new.toml", "big", KEYS, beginning=GOOD)
    assert [config.name for config in load_catalogue(tmp_path / "new.toml")] == ["small", "big"]


@pytest.mark.parametrize(
    ("name", "keys", "told"),
    [
        ("small", KEYS, "models.small: is there already"),
        ("big", {**KEYS, "max_total_length": 100}, "leaves no room for a reply"),
        ("big", {**KEYS, "model_id": "a/small", "max_input_length": 10, "max_total_length": 20}, "shares the queue"),
        ("big", {**KEYS, "prompt_format": "alpaca"}, "unknown prompt format 'alpaca'"),
    ],
)
def test_what_would_be_wrong_is_told_and_not_written(file: Path, name: str, keys: dict, told: str):
    with pytest.raises(CatalogueError, match=told):
        add_entry(file, name, keys)
    assert file.read_text() == GOOD

"""docs/models.md names what the catalogue and the code have."""

import re
from pathlib import Path

from inference.catalogue import PACKAGED_FILE, load_catalogue
from inference.prompts import FORMATS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "models.md").read_text(encoding="utf-8")


def test_every_model_that_is_named_is_in_the_catalogue():
    table = TEXT.split("## Which models are there?")[1].split("## ")[0]
    named = {
        name for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    }
    assert len(named) > 10
    assert named <= {config.name for config in load_catalogue(PACKAGED_FILE)}


def test_every_prompt_format_that_a_catalogue_may_name_is_told():
    section = TEXT.split("## Which prompt formats are there?")[1].split("## ")[0]
    assert set(FORMATS) - {"raw"} <= set(re.findall(r"`([^`]+)`", section))


def test_every_preset_is_told():
    section = TEXT.split("## Presets and sampling parameters")[1].split("## ")[0]
    presets = {preset.name for config in load_catalogue(PACKAGED_FILE) for preset in config.presets}
    assert presets <= set(re.findall(r"`([^`]+)`", section))

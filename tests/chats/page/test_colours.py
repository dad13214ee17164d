"""The colours: every ink can be read on every ground, in the light theme and in the dark one (WCAG 2.2, 1.4.3)."""

import re
from itertools import product
from pathlib import Path

import pytest

LEAST = 4.5
BASE = Path(__file__).parents[3] / "chats" / "page" / "static" / "chat" / "css" / "base.css"
COLOURS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)", BASE.read_text(encoding="utf-8")
    )
}
PAIRS = list(
    product(
        [name for name in COLOURS if name == "ink" or name.startswith("ink-")],
        [name for name in COLOURS if name == "ground" or name.startswith("ground-")],
    )
)


def brightness(colour: str) -> float:
    """The relative luminance that WCAG defines."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_an_ink_stands_out_from_a_ground(ink: str, ground: str, theme: str) -> None:
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= LEAST


def test_there_are_inks_and_grounds() -> None:
    assert {("ink-faint", "ground-hover"), ("ink", "ground")} <= set(PAIRS)

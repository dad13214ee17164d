"""Keeps what people type from being read as a model's control tokens.

A tokenizer turns ``<|im_start|>`` into one special token wherever it stands in the prompt, also within a
message: a user could end their own turn and write a system turn or a reply in somebody else's name. So a
space goes behind the first character of everything that looks like a control token: ``< |im_start|>``. People
and models still read what was meant; no tokenizer takes it for the token, also after Unicode normalisation (a
zero-width character would be dropped by some). Only the prompt is changed, never what is stored or shown.
"""

import re
from collections.abc import Iterable
from functools import cache

_PIPED = r"<(?=[|\uff5c][^\s<>|\uff5c]{1,64}[|\uff5c]>)"
"""``<|name|>`` of any name, and the same with full-width bars: the control tokens of most models."""


@cache
def _pattern(literals: tuple[str, ...]) -> re.Pattern[str]:
    heads = [f"{re.escape(text[0])}(?={re.escape(text[1:])})" for text in literals]
    return re.compile("|".join([_PIPED, *heads]))


def neutralise(text: str, literals: Iterable[str] = ()) -> str:
    """``text`` with every ``<|name|>`` and every one of ``literals`` (such as ``</s>``) broken by a space."""
    return _pattern(tuple(literals)).sub(lambda found: found[0] + " ", text)

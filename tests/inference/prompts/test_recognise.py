"""A template is recognised by what it makes of a trial conversation."""

import pytest

from inference.prompts import ENGINES_OWN, FORMATS
from inference.prompts.raw import RAW
from inference.prompts.recognise import TRIAL, Recognised, recognise

OURS = [name for name in FORMATS if name not in (ENGINES_OWN, RAW)]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("before", ["", "<s>", "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"])
def test_every_format_is_recognised_by_its_own_text(name: str, before: str):
    assert recognise(before + FORMATS[name].render(TRIAL, None)) == Recognised(name, opens_thoughts=False)


def test_thoughts_that_the_template_opens_are_seen():
    assert recognise(FORMATS["chatml"].render(TRIAL, None) + "<think>\n") == Recognised("chatml", opens_thoughts=True)


@pytest.mark.parametrize("text", ["", "User: hello", "<｜User｜>And an alpaca?<｜Assistant｜>", "And an alpaca?"])
def test_another_template_is_none_of_ours(text: str):
    assert recognise(text).prompt_format is None

"""Reading prompts backwards."""

import pytest

from inference.demo_tgi.prompt import Prompt, parse_prompt
from inference.prompts import FORMATS, ThreadMessage

FIRST = [ThreadMessage("prompter", " Hello there\nUser: x?\n")]
LATER = [
    ThreadMessage("prompter", "one"),
    ThreadMessage("assistant", "two <|im_end|></s>"),
    ThreadMessage("prompter", "three [INST]"),
]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "raw"])
@pytest.mark.parametrize("continuation", ["", " Lorem ips", "a\n\nb é🙂 "])
@pytest.mark.parametrize("thread", [FIRST, LATER], ids=["first", "later"])
def test_every_prompt_format_is_read_back(name: str, continuation: str, thread: list[ThreadMessage]):
    form = FORMATS[name]
    prompt = parse_prompt(form.render(thread, None, continuation))

    assert prompt.user.replace(" ", "") == thread[-1].content.strip().replace(" ", "")
    assert prompt.earlier == len(thread) // 2
    assert prompt.continuation == continuation


@pytest.mark.parametrize("name", ["oasst", "oasst-llama", "chatml", "llama-3", "phi-3", "plain"])
def test_the_system_prompt_is_no_part_of_the_message(name: str):
    assert parse_prompt(FORMATS[name].render(LATER, "Be brief.")).user.startswith("three")


@pytest.mark.parametrize(
    ("name", "end"), [("oasst", "<|endoftext|>"), ("chatml", "<|im_end|>"), ("plain", "<|endoftext|>")]
)
def test_the_end_of_a_reply_is_the_format_s_own(name: str, end: str):
    assert parse_prompt(FORMATS[name].render(FIRST, None)).end == end


def test_a_prompt_in_no_format_is_one_message():
    assert parse_prompt(" What is this? ") == Prompt("What is this?")


def test_a_raw_prompt_is_one_message_since_nothing_marks_where_the_reply_begins():
    assert parse_prompt(FORMATS["raw"].render(FIRST, None, " and so on")).user.endswith("and so on")


def test_a_prompt_whose_beginning_was_cut_off_is_still_read():
    assert parse_prompt("is this?<|endoftext|><|assistant|>It is") == Prompt("is this?", 0, "It is")

"""Truncation by whole messages, counted by a tokenizer of one token per word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.model_config import ModelConfig
from inference.parameters import WorkParameters
from inference.prompts import ThreadMessage, get_format
from inference.truncation import FittedPrompt, PromptTooLong, fit


class Tokenizer:
    """Every word and every control token is one token."""

    def __init__(self) -> None:
        self.calls = 0

    def count(self, text: str) -> int:
        return len(re.findall(r"<\|\w+\|>|[^\s<]+|<", text))

    async def __call__(self, text: str) -> int:
        self.calls += 1
        return self.count(text)


def model(max_input_length: int, max_total_length: int) -> ModelConfig:
    return ModelConfig(
        name="m",
        model_id="m",
        prompt_format="oasst",
        max_input_length=max_input_length,
        max_total_length=max_total_length,
    )


def thread_of(*lengths: int) -> list[ThreadMessage]:
    """Messages of so many words, each saying which it is; prompter first."""
    return [
        ThreadMessage("assistant" if at % 2 else "prompter", " ".join([f"m{at}"] * length))
        for at, length in enumerate(lengths)
    ]


async def fitted(
    thread: list[ThreadMessage],
    config: ModelConfig,
    tokenizer: Tokenizer | None = None,
    *,
    system: str | None = None,
    continuation: str = "",
    max_new_tokens: int = 1,
) -> FittedPrompt:
    return await fit(
        thread,
        config=config,
        parameters=WorkParameters(config=config.work_config, seed=0, system_prompt=system),
        count_tokens=tokenizer or Tokenizer(),
        continuation=continuation,
        max_new_tokens=max_new_tokens,
    )


async def test_a_thread_that_fits_is_left_whole_and_counted_once():
    tokenizer = Tokenizer()
    thread = thread_of(3, 4, 5)
    prompt = await fitted(thread, model(100, 200), tokenizer, system="sys", max_new_tokens=50)
    assert prompt.text == get_format("oasst").render(thread, "sys")
    assert prompt.input_tokens == tokenizer.count(prompt.text)
    assert (prompt.omitted_messages, prompt.max_new_tokens, tokenizer.calls) == (0, 50, 1)


async def test_the_oldest_messages_are_left_out_a_reply_together_with_its_prompt():
    # each message is its words and two control tokens; the assistant's opening is one more
    prompt = await fitted(thread_of(10, 10, 10, 10, 5), model(40, 80), system="sys")
    assert prompt.omitted_messages == 2
    assert "m0" not in prompt.text
    assert "m1" not in prompt.text
    assert prompt.text.startswith("<|system|>sys<|endoftext|><|prompter|>m2")
    assert prompt.input_tokens == 3 + 12 + 12 + 7 + 1


async def test_the_system_prompt_and_the_newest_prompt_stay_whatever_goes():
    prompt = await fitted(thread_of(50, 50, 5), model(20, 80), system="sys sys")
    assert prompt.text == get_format("oasst").render(thread_of(50, 50, 5)[2:], "sys sys")
    assert prompt.omitted_messages == 2


async def test_a_newest_prompt_that_alone_is_too_long_is_told_with_both_numbers():
    with pytest.raises(PromptTooLong, match="is 53 tokens long and the model reads 20"):
        await fitted(thread_of(1, 1, 50), model(20, 80))


async def test_old_messages_make_room_for_the_reply():
    thread = thread_of(30, 30, 5)
    assert (await fitted(thread, model(90, 100), max_new_tokens=10)).omitted_messages == 0
    prompt = await fitted(thread, model(90, 100), max_new_tokens=40)
    assert (prompt.omitted_messages, prompt.max_new_tokens) == (2, 40)


async def test_a_reply_may_reserve_half_of_the_window_and_gets_what_is_left():
    thread = thread_of(20, 10, 5)
    prompt = await fitted(thread, model(90, 100), max_new_tokens=1000)
    assert (prompt.omitted_messages, prompt.input_tokens) == (0, 42)
    assert prompt.max_new_tokens == 100 - 42


async def test_the_newest_prompt_is_not_refused_for_the_room_of_the_reply():
    prompt = await fitted(thread_of(5, 5, 80), model(90, 100), max_new_tokens=50)
    assert (prompt.omitted_messages, prompt.input_tokens, prompt.max_new_tokens) == (2, 83, 17)


async def test_what_of_the_reply_is_there_already_counts_and_stays():
    thread = thread_of(10, 10, 5)
    assert (await fitted(thread, model(40, 80))).omitted_messages == 0
    prompt = await fitted(thread, model(40, 80), continuation=" ".join(["so"] * 10))
    assert prompt.omitted_messages == 2
    assert prompt.text.endswith("<|assistant|>so so so so so so so so so so")


async def test_of_a_reply_too_long_to_go_on_with_the_model_sees_the_end():
    tokenizer = Tokenizer()
    reply = " ".join(f"word{at}" for at in range(1000))
    prompt = await fitted(thread_of(10, 10, 5), model(500, 2000), tokenizer, continuation=reply, max_new_tokens=100)
    assert 400 < prompt.input_tokens <= 500
    assert prompt.text == get_format("oasst").render(thread_of(10, 10, 5)[2:], None, reply[prompt.cut_characters :])
    assert (prompt.omitted_messages, prompt.max_new_tokens) == (2, 100)
    assert tokenizer.calls <= 5


async def test_a_reply_whose_end_would_be_too_short_to_go_on_from_is_told():
    with pytest.raises(PromptTooLong, match="is 488 tokens long and the model reads 450"):
        await fitted(thread_of(440), model(450, 2000), continuation="so " * 45)


@given(words=st.lists(st.integers(1, 60), min_size=1, max_size=300), limit=st.integers(20, 200))
async def test_the_end_of_a_reply_fits_whatever_its_words_are_like(words: list[int], limit: int):
    tokenizer = Tokenizer()
    reply = " ".join("w" * length for length in words)
    try:
        prompt = await fitted(thread_of(5), model(limit, 2 * limit), tokenizer, continuation=reply)
    except PromptTooLong:
        assert tokenizer.count(get_format("oasst").render(thread_of(5), None, reply)) > limit
        return
    assert tokenizer.count(prompt.text) <= limit
    assert prompt.input_tokens in (None, tokenizer.count(prompt.text))
    assert prompt.text.endswith(reply[prompt.cut_characters :])
    assert prompt.cut_characters == 0 or len(reply) - prompt.cut_characters >= 200
    assert tokenizer.calls <= 40


async def test_a_thread_of_a_thousand_messages_is_fitted_in_few_counts():
    tokenizer = Tokenizer()
    lengths = [1 + at * 7919 % 97 for at in range(1001)]
    prompt = await fitted(thread_of(*lengths), model(4000, 8000), tokenizer)
    assert 3800 < prompt.input_tokens <= 4000
    assert tokenizer.calls <= 6


async def test_a_reply_that_may_spend_nothing_is_refused():
    with pytest.raises(ValueError, match="max_new_tokens is 0"):
        await fitted(thread_of(1), model(10, 20), max_new_tokens=0)


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=40).map(
        lambda each: each[: len(each) - 1 + len(each) % 2]
    ),
    limit=st.integers(5, 200),
    reply=st.integers(1, 100),
)
async def test_no_message_is_left_out_that_would_have_fitted(lengths: list[int], limit: int, reply: int):
    thread = thread_of(*lengths)
    config = model(limit, 2 * limit)
    tokenizer = Tokenizer()
    room = min(limit, 2 * limit - min(reply, limit))

    def tokens(start: int) -> int:
        return tokenizer.count(get_format("oasst").render(thread[start:], None))

    best = next((start for start in range(0, len(thread), 2) if tokens(start) <= room), len(thread) - 1)
    if tokens(best) > limit:
        with pytest.raises(PromptTooLong):
            await fitted(thread, config, tokenizer, max_new_tokens=reply)
        return
    prompt = await fitted(thread, config, tokenizer, max_new_tokens=reply)
    assert prompt.omitted_messages == best
    if prompt.input_tokens is None:  # so short that nobody counted
        assert tokens(best) <= limit
    else:
        assert prompt.input_tokens == tokens(best)
    assert prompt.max_new_tokens == min(reply, 2 * limit - tokens(best))
    assert tokenizer.calls <= 12


async def test_a_text_that_fits_whatever_its_tokens_are_is_not_counted() -> None:
    tokenizer = Tokenizer()
    prompt = await fitted(thread_of(3, 3, 3), model(4000, 5000), tokenizer, max_new_tokens=100)
    assert (tokenizer.calls, prompt.input_tokens, prompt.omitted_messages) == (0, None, 0)
    assert prompt.max_new_tokens == 100


async def test_a_character_that_tokenizers_take_apart_is_counted() -> None:
    tokenizer = Tokenizer()
    one_becomes_eighteen = "\ufdfa" * 100  # 300 bytes, 3,300 when normalised
    await fitted([ThreadMessage("prompter", one_becomes_eighteen)], model(2000, 5000), tokenizer)
    assert tokenizer.calls > 0

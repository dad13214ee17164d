"""Each prompt format against what its family's chat template gives.

The expected texts are the templates' own output (model cards of OpenAssistant/oasst-sft-4-pythia-12b-epoch-3.5 and
oasst-sft-6-llama-30b-xor, Qwen/Qwen2.5-0.5B-Instruct, meta-llama/Meta-Llama-3-8B-Instruct,
mistralai/Mistral-7B-Instruct-v0.3 and Mistral-Nemo-Instruct-2407, google/gemma-2-2b-it,
microsoft/Phi-3.5-mini-instruct), without the begin-of-text token, which engines add.
"""

import pytest

from inference.prompts import ENGINES_OWN, FORMATS, ChatMessage, ThreadMessage, TurnFormat, chat_messages, get_format

THREAD = [
    ThreadMessage("prompter", "Hello"),
    ThreadMessage("assistant", "Hi there"),
    ThreadMessage("prompter", "Who are you?"),
]
SYSTEM = "Be brief."

FAMILIES = [name for name, form in FORMATS.items() if isinstance(form, TurnFormat) and name != ENGINES_OWN]

EXPECTED = {
    "oasst": (
        "<|system|>Be brief.<|endoftext|><|prompter|>Hello<|endoftext|><|assistant|>Hi there<|endoftext|>"
        "<|prompter|>Who are you?<|endoftext|><|assistant|>"
    ),
    "oasst-llama": (
        "<|system|>Be brief.</s><|prompter|>Hello</s><|assistant|>Hi there</s><|prompter|>Who are you?</s><|assistant|>"
    ),
    "chatml": (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n"
        "<|im_start|>assistant\nHi there<|im_end|>\n<|im_start|>user\nWho are you?<|im_end|>\n"
        "<|im_start|>assistant\n"
    ),
    "llama-3": (
        "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nHi there<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nWho are you?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
    "mistral": "[INST] Hello[/INST] Hi there</s>[INST] Be brief.\n\nWho are you?[/INST]",
    "mistral-tekken": "[INST]Hello[/INST]Hi there</s>[INST]Be brief.\n\nWho are you?[/INST]",
    "gemma": (
        "<start_of_turn>user\nBe brief.\n\nHello<end_of_turn>\n<start_of_turn>model\nHi there<end_of_turn>\n"
        "<start_of_turn>user\nWho are you?<end_of_turn>\n<start_of_turn>model\n"
    ),
    "phi-3": (
        "<|system|>\nBe brief.<|end|>\n<|user|>\nHello<|end|>\n<|assistant|>\nHi there<|end|>\n"
        "<|user|>\nWho are you?<|end|>\n<|assistant|>\n"
    ),
    "plain": "Be brief.\n\nUser: Hello\nAssistant: Hi there\nUser: Who are you?\nAssistant:",
}


def test_every_format_has_its_expected_text():
    assert set(EXPECTED) == set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_thread_is_written_as_the_template_writes_it(name: str):
    assert get_format(name).render(THREAD, SYSTEM) == EXPECTED[name]


@pytest.mark.parametrize("name", FAMILIES)
def test_without_a_system_prompt_there_is_no_system_turn(name: str):
    text = get_format(name).render(THREAD, None)
    assert "system" not in text
    assert text == get_format(name).render(THREAD, "")
    assert "Be brief." not in text


@pytest.mark.parametrize("name", FAMILIES)
def test_a_reply_that_has_begun_ends_the_prompt_as_it_is(name: str):
    form = get_format(name)
    assert form.render(THREAD, SYSTEM, " I am  ") == form.render(THREAD, SYSTEM) + " I am  "


@pytest.mark.parametrize("name", FAMILIES)
def test_stop_sequences_are_few_enough_for_tgi_and_begin_or_end_a_turn(name: str):
    form = get_format(name)
    assert 1 <= len(form.stop_sequences) <= 4
    turns = form.render([*THREAD, *THREAD], SYSTEM)
    assert any(stop in turns for stop in form.stop_sequences)


@pytest.mark.parametrize("thread", [[], THREAD[:2]], ids=["an empty thread", "a thread that ends in a reply"])
def test_what_has_no_prompt_to_answer_is_refused(thread: list[ThreadMessage]):
    with pytest.raises(ValueError, match="must end in the prompter message"):
        get_format("chatml").render(thread, None)


def test_an_unknown_format_is_told_with_the_known_ones():
    with pytest.raises(KeyError, match="unknown prompt format 'alpaca'; there are oasst, "):
        get_format("alpaca")


def test_for_engines_with_their_own_template_a_thread_is_messages_by_role():
    assert chat_messages(THREAD, SYSTEM) == (
        ChatMessage("system", "Be brief."),
        ChatMessage("user", "Hello"),
        ChatMessage("assistant", "Hi there"),
        ChatMessage("user", "Who are you?"),
    )
    assert chat_messages(THREAD[2:], None) == (ChatMessage("user", "Who are you?"),)


def test_an_engine_with_its_own_template_is_left_to_end_replies_by_itself():
    form = get_format(ENGINES_OWN)
    assert form.stop_sequences == ()
    assert "Who are you?" in form.render(THREAD, SYSTEM)

"""The demo model's replies."""

import pytest

from inference.demo_tgi.answers import INTRODUCTION, DocumentationAnswers, documentation
from inference.demo_tgi.docs_search import Index
from inference.demo_tgi.prompt import Prompt
from inference.demo_tgi.smalltalk import Intent, intent_of
from inference.prompts import FORMATS

from .conftest import CORPUS, Start

ANSWERS = DocumentationAnswers(documentation(CORPUS))

CHATML = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def test_a_question_is_answered_with_the_section_and_its_file():
    answer = ANSWERS.answer("how do I add a GPU worker?")
    assert answer.startswith("From **README.md › Add a worker**:\n\n> A worker runs beside a GPU.")
    assert "> celery -A oasst_site worker --model OA_SFT_Pythia_12B" in answer


def test_only_the_first_reply_of_a_conversation_introduces_itself():
    first, later = Prompt("which models?"), Prompt("which models?", earlier=1)
    assert ANSWERS.reply(first) == f"{INTRODUCTION}\n\n{ANSWERS.reply(later)}"
    assert "not a language model" in INTRODUCTION


@pytest.mark.parametrize("earlier", [0, 2])
@pytest.mark.parametrize("question", ["which models?", "hi", "tell me a story", "bananas", "is this an AI?"])
def test_a_reply_that_was_cut_off_goes_on_where_its_text_ends(question: str, earlier: int):
    whole = ANSWERS.reply(Prompt(question, earlier))
    for said in range(0, len(whole) + 1, 7):
        rest = ANSWERS.pieces(Prompt(question, earlier, whole[:said]), seed=1)
        assert whole[:said] + "".join(piece.real for piece in rest) == whole


def test_a_reply_goes_on_as_it_began_though_the_prompt_has_lost_earlier_messages():
    whole = ANSWERS.reply(Prompt("which models?", earlier=1))
    assert ANSWERS.reply(Prompt("which models?", 0, whole[:40])) == whole


@pytest.mark.parametrize("name", FORMATS)
def test_no_reply_holds_what_would_stop_it(name: str):
    answer = ANSWERS.answer("what happens to a message after I send it?")
    assert "< |im_start|>" in answer
    assert not any(stop in answer for stop in FORMATS[name].stop_sequences)


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("hi", Intent.GREETING),
        ("Hello there!", Intent.GREETING),
        ("Good morning 🙂", Intent.GREETING),
        ("how are you?", Intent.GREETING),
        ("thanks a lot!", Intent.THANKS),
        ("Thank you", Intent.THANKS),
        ("bye", Intent.FAREWELL),
        ("help", Intent.HELP),
        ("What can I ask you?", Intent.HELP),
        ("???", Intent.HELP),
        ("who are you?", Intent.IDENTITY),
        ("Is this a language model?", Intent.IDENTITY),
        ("are you ChatGPT", Intent.IDENTITY),
        ("what model are you", Intent.IDENTITY),
        ("tell me more", Intent.MORE),
        ("why?", Intent.MORE),
        ("Tell me a story", Intent.CREATIVE),
        ("write a python function that sorts a list", Intent.CREATIVE),
        ("please translate this into French", Intent.CREATIVE),
        ("what is 2 + 2?", Intent.CREATIVE),
        ("Hi, which models are there?", Intent.QUESTION),
        ("hello world example", Intent.QUESTION),
        ("how do I thank a user", Intent.QUESTION),
        ("what is the model catalogue", Intent.QUESTION),
        ("how do I write a test", Intent.QUESTION),
    ],
)
def test_what_a_message_wants_is_told_by_its_form(message: str, intent: Intent):
    assert intent_of(message) is intent


def test_a_greeting_before_a_question_is_no_part_of_it():
    assert ANSWERS.answer("Hi there! Which models are there?") == ANSWERS.answer("Which models are there?")


def test_a_greeting_is_answered_with_questions_that_can_be_answered():
    answer = ANSWERS.answer("hello")
    suggested = [line.removeprefix("- ") for line in answer.splitlines() if line.startswith("- ")]
    assert len(suggested) == 5
    assert all(ANSWERS.answer(question).startswith("From **") for question in suggested)


def test_what_it_cannot_do_it_says_and_tells_what_can():
    story = ANSWERS.answer("tell me a story")
    assert story.startswith("I cannot do that")
    assert "**README.md › Add a worker** tells how" in story
    nothing = ANSWERS.answer("what is the capital of France?")
    assert nothing.startswith("I found nothing about that")
    assert "- Which models are there?" in nothing


def test_whether_it_is_a_language_model_is_answered_plainly():
    answer = ANSWERS.answer("is this a language model?")
    assert answer.startswith("No")
    assert "From **README.md › Start › The demo model**" in answer


def test_a_question_about_the_whole_is_answered_with_the_readme_s_first_words():
    assert "A chat assistant whose replies come from GPU workers." in ANSWERS.answer("What is this project about?")


def test_without_documentation_it_says_how_to_give_it_some():
    answers = DocumentationAnswers(Index([]))
    assert "--docs FOLDER" in answers.answer("which models are there?")
    assert answers.answer("hello") == "Hello! Ask me about this project."


async def test_the_server_answers_out_of_the_documentation(start: Start):
    server = await start(model="demo")
    events = await server.events(CHATML.format("which models?"), max_new_tokens=1000, details=True)
    assert events[-1]["generated_text"] == ANSWERS.reply(Prompt("which models?"))
    assert events[-1]["details"]["finish_reason"] == "eos_token"
    assert events[-1]["token"] == {**events[-1]["token"], "id": 0, "text": "<|im_end|>", "special": True}


async def test_the_server_goes_on_with_a_reply_that_is_there_already(start: Start):
    server = await start(model="demo")
    whole = ANSWERS.reply(Prompt("which models?"))
    events = await server.events(CHATML.format("which models?") + whole[:60], max_new_tokens=1000)
    assert whole[:60] + events[-1]["generated_text"] == whole
    [event] = await server.events(CHATML.format("which models?") + whole, max_new_tokens=1000)
    assert event["generated_text"] == ""

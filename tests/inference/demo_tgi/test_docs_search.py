"""Finding the section that answers a question."""

import pytest

from inference.demo_tgi.answers import documentation
from inference.demo_tgi.docs_search import Index, Section, excerpt
from inference.demo_tgi.docs_search.sections import cut
from inference.demo_tgi.docs_search.words import stem, words

from .conftest import CORPUS

INDEX = documentation(CORPUS)

QUESTIONS = [
    ("how do I add a GPU worker", "Add a worker"),
    ("How can I connect my graphics card?", "Add a worker"),
    ("connect TGI", "Add a worker"),
    ("which models", "Models"),
    ("What models are available?", "Models"),
    ("how do I reset everything", "Start"),
    ("How can I wipe all data and start over?", "Start"),
    ("how do I install this", "Start"),
    ("do I need docker?", "Start"),
    ("is this a language model", "The demo model"),
    ("what does FAIR_SHARE_S do", "Settings"),
    ("Which environment variables are there?", "Settings"),
    ("max prompt length", "Settings"),
    ("port already in use", "The port is busy"),
    ("use it from the command line", "Terminal client"),
    ("can I use the openai sdk", "OpenAI-compatible API"),
    ("what is the admin password", "Admin"),
    ("how do I run the tests?", "Start"),
    ("what happens if a worker crashes", "When a worker dies"),
    ("What happens to a message after I send it?", "The journey of a message"),
    ("how does it all work?", "The journey of a message"),
    ("is the queue fair?", "Fairness"),
    ("prometheus", "Metrics"),
    ("what license is it under", "Licence"),
]


@pytest.mark.parametrize(("question", "title"), QUESTIONS)
def test_a_newcomers_question_finds_its_section_first(question: str, title: str):
    assert INDEX.search(question)[0].section.title == title


@pytest.mark.parametrize(
    "question", ["what is the capital of France", "who won the world cup in 1990", "tell me about bananas", "?", ""]
)
def test_a_question_about_something_else_finds_nothing(question: str):
    assert INDEX.search(question) == []


def test_an_empty_index_finds_nothing():
    assert Index([]).search("worker") == []


def test_a_file_is_cut_at_its_headings_but_not_within_code():
    sections = cut(
        "a.md",
        "Before\n# One\ntext\n## Two\n```sh\n# no heading\n```\n<!-- not shown -->\n# Three #\n\n## [Four](x.md)\nend",
    )
    assert [(section.titles, section.text) for section in sections] == [
        (("a.md",), "Before"),
        (("One",), "text"),
        (("One", "Two"), "```sh\n# no heading\n```"),
        (("Three", "Four"), "end"),
    ]
    assert sections[2].place == "a.md › Two"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("workers", "worker"),
        ("stopping", "stop"),
        ("stopped", "stop"),
        ("installation", "install"),
        ("queues", "queue"),
        ("configured", "configure"),
        ("replies", "reply"),
        ("caches", "cache"),
    ],
)
def test_forms_of_a_word_meet(one: str, other: str):
    assert stem(one) == stem(other)


def test_a_name_in_parts_is_found_whole_and_by_its_parts():
    assert list(words("`MESSAGE_MAX_LENGTH`")) == ["message_max_length", "messag", "max", "length"]


def test_a_short_section_is_quoted_whole_without_pictures_and_dead_links():
    section = Section(
        "README.md",
        ("Title",),
        "![shot](a.png)\n\nSee [the design](docs/design.md#top), [here](#below) and [TGI](https://example.org).\n\n"
        "```\n[kept](as/it.is)\n```",
    )
    assert excerpt(section, frozenset()) == (
        "See the design (`docs/design.md`), here and [TGI](https://example.org).\n\n```\n[kept](as/it.is)\n```"
    )


def test_of_a_long_section_the_parts_that_are_asked_about_are_quoted():
    parts = [f"Paragraph {number} is about nothing. " + "It goes on and on. " * 10 for number in range(9)]
    parts[6] = "The zebra is striped."
    section = Section("README.md", ("Title",), "\n\n".join(parts))
    quoted = excerpt(section, frozenset({"zebra"}), limit=600)
    assert quoted.startswith("Paragraph 0")
    assert "The zebra is striped." in quoted
    assert "[…]" in quoted
    assert len(quoted) < 700


def test_of_a_table_the_rows_that_are_asked_for_are_quoted():
    settings = INDEX.search("what does FAIR_SHARE_S do")[0]
    rows = [line for line in excerpt(settings.section, settings.met).splitlines() if line.startswith("|")]
    assert [row.split("`")[1] for row in rows[2:]] == ["FAIR_SHARE_S"]
    models = INDEX.search("which models are there")[0]
    assert excerpt(models.section, models.met).count("\n| `") == 4
